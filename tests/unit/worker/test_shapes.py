"""Rows and logic say the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.batches import AP, NOW, NOW_US

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.wire import MAX_TIME_US
from sentinel_netlab.correlate.incidents import Incident, Subjects
from sentinel_netlab.worker.shapes import alert_of, incident_of, story_of

ADDRESSES = st.frozensets(st.integers(0, (1 << 48) - 1), max_size=3)
TIMES = st.integers(0, MAX_TIME_US)
INCIDENTS = st.builds(
    Incident,
    id=st.just("a" * 32),
    title=st.text(max_size=9),
    severity=st.sampled_from(Severity),
    first_us=TIMES,
    last_us=TIMES,
    alerts=st.integers(1, 9),
    subjects=st.builds(
        Subjects,
        ADDRESSES,
        ADDRESSES,
        ADDRESSES,
        st.frozensets(st.binary(max_size=32), max_size=3),
    ),
    status=st.sampled_from(["open", "closed"]),
)


@given(INCIDENTS)
def test_incident_survives_its_row(incident):
    """Nothing is lost on the way there and back."""
    assert incident_of(story_of(incident)) == incident


def test_alert_is_what_its_row_says():
    """Addresses and names that it has, none that it has not."""
    row = {
        "id": "a" * 32, "code": "WD101", "title": "Flood", "severity": "high",
        "first_seen": NOW, "last_seen": NOW, "incident_id": None,
        "bssid": 0x020000000001, "station": None, "transmitter": None,
        "ssid": b"corp",
    }  # fmt: skip
    found = alert_of(row)

    assert found.first_us == NOW_US
    assert found.severity is Severity.HIGH
    assert found.subjects == Subjects(
        frozenset({int(AP.replace(":", ""), 16)}), ssids=frozenset({b"corp"})
    )
