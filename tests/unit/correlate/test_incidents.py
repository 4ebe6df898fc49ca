"""Alerts that tell one story."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.correlate.incidents import (
    MAX_SUBJECTS,
    REACH_US,
    Incident,
    StoredAlert,
    Subjects,
    correlate,
    incident_id,
)

NOW_US = 1_700_000_000_000_000
AP, CLIENT, BROADCAST = 0x020000000001, 0x02000000000A, 0xFFFFFFFFFFFF


def alert(name: str = "a", **values: object) -> StoredAlert:
    """An alert about the access point."""
    plain = StoredAlert(
        id=name * 32,
        code="WD101",
        title="Deauthentication flood",
        severity=Severity.HIGH,
        first_us=NOW_US,
        last_us=NOW_US + 1_000_000,
        subjects=Subjects(bssids=frozenset({AP})),
    )
    return replace(plain, **values)


def incidents_of(*alerts: StoredAlert) -> list[Incident]:
    """What comes of alerts, the first first, one batch each."""
    known: dict[str, Incident] = {}
    for one in alerts:
        for change in correlate([one], list(known.values()), NOW_US):
            known[change.incident.id] = change.incident
    return list(known.values())


def test_first_alert_founds_an_incident():
    """Its id follows from site and alert."""
    [change] = correlate([alert()], [], NOW_US, site_id="hq")

    assert change.before is None
    assert change.joined == ["a" * 32]
    assert change.incident.id == incident_id("hq", "a" * 32)
    assert len(change.incident.id) == 32


def test_related_alert_joins():
    """An evil twin of the same access point, five minutes later, seen elsewhere."""
    twin = alert("b", first_us=NOW_US + REACH_US // 2, severity=Severity.CRITICAL,
                 title="Evil twin", last_us=NOW_US + REACH_US)  # fmt: skip

    [incident] = incidents_of(alert(), twin)

    assert incident.alerts == 2
    assert incident.severity is Severity.CRITICAL
    assert incident.title == "Evil twin"
    assert incident.last_us == NOW_US + REACH_US


def test_address_relates_in_any_role():
    """The station of one attack is the transmitter of the next."""
    station = alert(subjects=Subjects(stations=frozenset({CLIENT})))
    transmitter = alert("b", subjects=Subjects(transmitters=frozenset({CLIENT})))

    assert len(incidents_of(station, transmitter)) == 1


@pytest.mark.parametrize(
    "subjects",
    [
        Subjects(stations=frozenset({BROADCAST})),
        Subjects(ssids=frozenset({b""})),
        Subjects(ssids=frozenset({b"\0\0"})),
        Subjects(),
    ],
)
def test_what_names_nobody_relates_nothing(subjects):
    """Broadcast and hidden names are in every attack."""
    assert (
        len(incidents_of(alert(subjects=subjects), alert("b", subjects=subjects))) == 2
    )


def test_same_name_relates():
    """Two access points under one attacked name are one story."""
    one = alert(subjects=Subjects(bssids=frozenset({AP}), ssids=frozenset({b"corp"})))
    two = alert("b", subjects=Subjects(ssids=frozenset({b"corp"})))

    assert len(incidents_of(one, two)) == 1


def test_reach_is_ten_minutes():
    """What begins later than that is another story."""
    last_us = NOW_US + 1_000_000
    near = alert("b", first_us=last_us + REACH_US, last_us=last_us + REACH_US)
    far = alert("b", first_us=last_us + REACH_US + 1, last_us=last_us + REACH_US + 1)

    assert len(incidents_of(alert(), near)) == 1
    assert len(incidents_of(alert(), far)) == 2


def test_late_alert_joins_what_came_after_it():
    """A sensor that was cut off tells of what led to it."""
    early = alert("b", first_us=NOW_US - REACH_US, last_us=NOW_US - REACH_US // 2)

    [incident] = incidents_of(alert(), early)

    assert incident.first_us == NOW_US - REACH_US


def test_update_does_not_count_twice():
    """An alert in an incident prolongs it."""
    [founded] = incidents_of(alert())
    later = alert(last_us=NOW_US + 5_000_000, incident_id=founded.id)

    [change] = correlate([later], [founded], NOW_US)

    assert change.incident.alerts == 1
    assert change.joined == []
    assert change.incident.last_us == NOW_US + 5_000_000


def test_nothing_new_changes_nothing():
    """The same state again is no change."""
    [founded] = incidents_of(alert())

    assert correlate([alert(incident_id=founded.id)], [founded], NOW_US) == []


def test_joining_opens_what_was_closed():
    """The attacker is back within reach."""
    [founded] = incidents_of(alert())

    [change] = correlate([alert("b")], [replace(founded, status="closed")], NOW_US)

    assert change.incident.status == "open"


@pytest.mark.parametrize("code", ["WD601", "SY001"])
def test_states_are_no_stories(code):
    """Posture lasts for years; a sensor's silence is nobody's attack."""
    assert correlate([alert(code=code)], [], NOW_US) == []


def test_doubted_times_found_nothing():
    """A clock of 1970 would tie everything together."""
    assert correlate([alert(first_us=0)], [], NOW_US) == []


def test_order_within_a_batch_does_not_matter():
    """The earliest alert founds the incident."""
    one, two = alert(), alert("b", first_us=NOW_US - 1)

    changes = [correlate(order, [], NOW_US) for order in ([one, two], [two, one])]

    assert changes[0] == changes[1]
    assert changes[0][0].incident.id == incident_id(None, "b" * 32)


def test_subjects_are_bounded():
    """A flood of invented addresses does not grow an incident without end."""
    many = Subjects(transmitters=frozenset(range(2, 2 + 2 * MAX_SUBJECTS)))

    [incident] = incidents_of(alert(subjects=many))

    assert len(incident.subjects.transmitters) == MAX_SUBJECTS
