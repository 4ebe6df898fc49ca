"""What a sensor says is always within what the controller takes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.core.alerts import Alert, Severity, Subject
from sentinel_netlab.core.inflate import inflate
from sentinel_netlab.core.observations import Observation
from sentinel_netlab.core.wire import Batch, decode_batch
from sentinel_netlab.sensor.outgoing import alert_change, encode, observation_record

OBSERVATION = Observation(
    window_us=10_000_000,
    transmitter=0x020000000001,
    channel=6,
    frequency_mhz=2437,
    first_us=10_000_001,
    last_us=19_999_999,
    frames=90,
    management=80,
    control=0,
    data=10,
    retries=3,
    protected=10,
    octets=9000,
    beacons=80,
    signal_frames=90,
    signal_mean_dbm=-61.25,
    signal_min_dbm=-70,
    signal_max_dbm=-50,
    bssid=0x020000000001,
    ssid="café".encode(),
    security="WPA2-PSK-CCMP",
    fingerprint="ab" * 16,
)
ALERT = Alert(
    id="a" * 32,
    code="WD101",
    slug="deauth_flood",
    title="Deauthentication flood",
    severity=Severity.HIGH,
    confidence=0.9,
    first_seen_us=1_000_000,
    raised_us=1_500_000,
    last_seen_us=2_000_000,
    count=64,
    subject=Subject(bssid=0x020000000001, station=0x02000000000A, channel=6),
    key="bssid=02:00:00:00:00:01",
    attack="T1498.001",
    summary="64 frames",
    evidence={"peak_frames": 64},
    frames=(1, 2, 3),
)
BATCH = Batch("0" * 32, "roof", "1", 0, 1_000_000)
times = st.integers(-(1 << 63), (1 << 63) - 1)
texts = st.builds(
    lambda text, times: text * times, st.text(max_size=9), st.sampled_from([1, 500])
)
plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


def through(batch: Batch) -> Batch:
    """*batch* as the controller reads it."""
    encoded = encode(batch)
    return decode_batch(inflate(encoded.body, encoded.encoding))


def test_observation_arrives_as_it_was():
    """Addresses are text, SSIDs hexadecimal, everything else the same."""
    record = observation_record(OBSERVATION, 7)

    [read] = through(replace_batch(observations=[record])).observations

    assert read == record
    assert (read.transmitter, read.ssid) == ("02:00:00:00:00:01", "636166c3a9")
    assert (read.seq, read.signal_mean_dbm) == (7, -61.25)


def test_alert_arrives_as_it_was():
    """The subject's addresses are text; what does not apply is null."""
    [read] = through(replace_batch(alerts=[alert_change(ALERT)])).alerts

    assert read == alert_change(ALERT)
    assert (read.severity, read.station) == ("high", "02:00:00:00:00:0a")
    assert (read.ssid, read.transmitter) == (None, None)


def replace_batch(**fields) -> Batch:
    """`BATCH` with *fields*."""
    return Batch(
        BATCH.batch_id, BATCH.sensor_id, BATCH.epoch, 0, BATCH.created_us, **fields
    )


@given(times, times, st.integers(-32768, 32767), st.binary(max_size=300), texts)
def test_odd_observation_is_taken(window_us, last_us, dbm, ssid, label):
    """Damaged clocks, impossible levels, overlong names: the batch is not refused."""
    odd = replace(
        OBSERVATION,
        window_us=window_us,
        last_us=last_us,
        signal_mean_dbm=float(dbm),
        signal_min_dbm=dbm,
        ssid=ssid,
        security=label,
    )

    read = through(replace_batch(observations=[observation_record(odd, 0)]))

    assert len(read.observations) == 1


@given(times, texts, texts, st.dictionaries(texts, plain, max_size=5))
def test_odd_alert_is_taken(last_us, key, summary, evidence):
    """Whatever a detector measured and wrote."""
    odd = replace(
        ALERT, last_seen_us=last_us, key=key, summary=summary, evidence=evidence
    )

    read = through(replace_batch(alerts=[alert_change(odd)]))

    assert read.alerts[0].id == ALERT.id


def test_batch_that_looks_like_a_bomb_goes_plain():
    """A thousand observations alike compress too well to be believed."""
    alike = [observation_record(OBSERVATION, 0)] * 1000

    encoded = encode(replace_batch(observations=alike))

    assert encoded.encoding == "identity"
    assert len(through(replace_batch(observations=alike)).observations) == 1000
