"""Batches: what is taken, and what is refused."""

from __future__ import annotations

import contextlib
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel_netlab.core import wire
from sentinel_netlab.core.wire import (
    MAX_TIME_US,
    AlertChange,
    Batch,
    Health,
    ObservationRecord,
    WireError,
    decode_batch,
    encode_batch,
    is_plain,
)

MAC = "02:00:00:00:00:01"
OBSERVATION = ObservationRecord(
    seq=7, window_us=10, transmitter=MAC, first_us=11, last_us=12, frames=3, ssid="00ff"
)
ALERT = AlertChange(
    id="0" * 32,
    code="WD101",
    slug="deauth_flood",
    title="Deauthentication flood",
    severity="high",
    confidence=0.9,
    first_us=1,
    raised_us=2,
    last_us=3,
    count=4,
    key=f"bssid={MAC}",
    attack="T1498.001",
    summary="Somebody is thrown out.",
    evidence={"peak_frames": 11, "list": [1, {"a": None}]},
    frames=[1, 2],
)
BATCH = Batch(
    batch_id="a" * 32,
    sensor_id="roof-1",
    epoch="1f",
    sequence=3,
    created_us=99,
    observations=[OBSERVATION],
    alerts=[ALERT],
    health=Health(version="0.1.0", blind_s={"6": 0.5}),
)


def changed(path: str, value: object) -> bytes:
    """The batch as JSON with one value replaced; *path* with dots."""
    plain = json.loads(encode_batch(BATCH))
    *way, last = path.split(".")
    place = plain
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    place[last] = value
    return json.dumps(plain).encode()


def test_batch_comes_back_as_it_went():
    """Encoding and decoding are inverse."""
    assert decode_batch(encode_batch(BATCH)) == BATCH


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schema", 2),
        ("batch_id", "A" * 32),
        ("batch_id", "a" * 31),
        ("sensor_id", "Roof"),
        ("sensor_id", "x" * 64),
        ("epoch", ""),
        ("sequence", -1),
        ("created_us", 1 << 62),
        ("lane", "both"),
        ("observations.0.transmitter", "02-00-00-00-00-01"),
        ("observations.0.frames", -1),
        ("observations.0.frames", 1.5),
        ("observations.0.frames", 1 << 63),
        ("observations.0.ssid", "0"),
        ("observations.0.ssid", "0g"),
        ("observations.0.ssid", "00" * 256),
        ("observations.0.channel", 70_000),
        ("observations.0.signal_min_dbm", 1000),
        ("observations.0.security", "x\0"),
        ("alerts.0.id", "0" * 33),
        ("alerts.0.code", "wd101"),
        ("alerts.0.severity", "huge"),
        ("alerts.0.confidence", 1.1),
        ("alerts.0.summary", "x" * 3000),
        ("alerts.0.title", "a\0b"),
        ("alerts.0.frames", [-1]),
        ("alerts.0.evidence", {"a": "\0"}),
        ("alerts.0.evidence", {"a": [[[[[1]]]]]}),
        ("health.version", "x" * 65),
        ("health.frames", 1 << 63),
        ("health.blind_s", {"6": "long"}),
    ],
)
def test_what_is_out_of_range_is_refused(path, value):
    """The text names a field and quotes nothing."""
    with pytest.raises(WireError) as refused:
        decode_batch(changed(path, value))

    assert len(str(refused.value)) < 250


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b'{"batch_id":"\xff"}', b"[" * 100_000, b"NaN"],
)
def test_what_is_no_batch_is_refused(data):
    """However broken."""
    with pytest.raises(WireError):
        decode_batch(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 700))
def test_damage_never_raises_anything_else(noise, at):
    """Bytes put anywhere into a batch."""
    whole = encode_batch(BATCH)
    with contextlib.suppress(WireError):
        decode_batch(whole[:at] + noise + whole[at + len(noise) :])


def test_refusal_quotes_no_value():
    """A name may be a secret."""
    with pytest.raises(WireError) as refused:
        decode_batch(changed("lane", "hunter2"))

    assert "hunter2" not in str(refused.value)


def test_numbers_beyond_64_bits_are_not_plain():
    """No database holds them."""
    assert is_plain([1, -(1 << 63), 0.5, "x", None, True])
    assert not is_plain(1 << 63)
    assert not is_plain({"x" * 200: 1})


EDGES = st.sampled_from(
    [
        *(-(1 << 63), -201, -200, -1, 0, 1, 100, 101),
        *((1 << 16) - 1, 1 << 16, MAX_TIME_US, MAX_TIME_US + 1),
        *((1 << 63) - 1, 1 << 63),
    ]
)
TEXTS = st.none() | st.sampled_from(
    [
        *(MAC, MAC.upper(), MAC + "\n", MAC[:-1], f"{MAC},{MAC}"),
        *("", "00ff", "0", "zz", "\0", "ab" * 255, "ab" * 256, "x" * 64, "x" * 65),
    ]
)
FIELDS = ObservationRecord.__struct_fields__


@given(st.dictionaries(st.sampled_from(FIELDS), EDGES | TEXTS, max_size=3))
def test_the_quick_look_agrees_with_the_close_one(values):
    """What it lets pass, the close one finds nothing in; and the other way."""
    try:
        changed_ = msgspec.convert(
            msgspec.structs.asdict(OBSERVATION) | values, ObservationRecord
        )
    except msgspec.ValidationError:
        return
    try:
        wire._check_observation(changed_)
        good = True
    except WireError:
        good = False

    assert wire._fits(changed_) == good


def test_checked_bytes_are_not_checked_again():
    """Their types are; whoever says so answers for the values."""
    odd = encode_batch(Batch("0" * 32, "roof", "1", -1, 0))

    with pytest.raises(WireError):
        decode_batch(odd)
    assert decode_batch(odd, is_checked=True).sequence == -1
    with pytest.raises(WireError):
        decode_batch(b"{}", is_checked=True)
