"""
What a sensor sends: a batch, as JSON.

Addresses are text ``02:00:00:00:00:01``, SSIDs hexadecimal, times µs since 1970.
`decode_batch` checks what types cannot say.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Literal

import msgspec

from sentinel_netlab.core.alerts import Severity

WIRE_SCHEMA = 1
MAX_OBSERVATIONS = 20_000
MAX_ALERTS = 5_000
MAX_TEXT = 2_000
MAX_SSID_BYTES = 255  # an element's length octet; more than 32 is an attack to report
MAX_TIME_US = 253_402_300_799_999_999  # the year 9999, where databases end
SENSOR_ID = re.compile(r"[a-z0-9-]{1,63}")
BATCH_ID = re.compile(r"[0-9a-f]{32}")
_MAC_CHARS = 17
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")


class WireError(ValueError):
    """A batch that is not one; the text names the field, never its value."""


class ObservationRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    An Observation (`core.observations` says what the fields are).

    Attributes:
        seq: number of the observation since the sensor's epoch; unique with it.
    """

    seq: int
    window_us: int
    transmitter: str
    first_us: int
    last_us: int
    frames: int
    channel: int = 0
    frequency_mhz: int = 0
    management: int = 0
    control: int = 0
    data: int = 0
    retries: int = 0
    protected: int = 0
    octets: int = 0
    beacons: int = 0
    signal_frames: int = 0
    signal_mean_dbm: float | None = None
    signal_min_dbm: int | None = None
    signal_max_dbm: int | None = None
    bssid: str | None = None
    ssid: str | None = None
    security: str | None = None
    fingerprint: str | None = None


class AlertChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """State of an Alert (`core.alerts`) when it was sent; later states replace it."""

    id: str
    code: str
    slug: str
    title: str
    severity: str
    confidence: float
    first_us: int
    raised_us: int
    last_us: int
    count: int
    key: str
    attack: str
    summary: str
    bssid: str | None = None
    ssid: str | None = None
    station: str | None = None
    transmitter: str | None = None
    channel: int | None = None
    frequency_mhz: int | None = None
    evidence: dict[str, Any] = {}
    frames: list[int] = []
    closed: bool = False


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    How the sensor is.

    Attributes:
        frames, dropped_frames, bad_fcs_frames, malformed_frames: since the last batch.
        spool_bytes, spool_age_s: what waits; lost_observations, lost_alerts: dropped
            from a full spool since the epoch began.
        clock_offset_s: the sensor's clock minus the controller's, None unknown.
        blind_s: seconds not listened to, by channel, since the last batch.
    """

    version: str = ""
    interface: str = ""
    interface_state: str = ""
    frames: int = 0
    dropped_frames: int = 0
    bad_fcs_frames: int = 0
    malformed_frames: int = 0
    spool_bytes: int = 0
    spool_age_s: float = 0.0
    lost_observations: int = 0
    lost_alerts: int = 0
    cpu_percent: float | None = None
    memory_bytes: int | None = None
    temperature_c: float | None = None
    clock_offset_s: float | None = None
    config_version: int | None = None
    blind_s: dict[str, float] = {}


class Batch(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    Observations, alert changes and health of one sensor; the unit of idempotency.

    Attributes:
        batch_id: 32 lower-case hex digits, the idempotency key.
        epoch: 1 to 32 of ``0-9a-f``; new when the sensor's spool began anew.
        sequence: number of the batch in its lane since the epoch.
        created_us: the sensor's clock when it was made.
    """

    batch_id: str
    sensor_id: str
    epoch: str
    sequence: int
    created_us: int
    lane: Literal["alerts", "observations"] = "observations"
    schema: int = WIRE_SCHEMA
    observations: list[ObservationRecord] = []
    alerts: list[AlertChange] = []
    health: Health | None = None


_decoder = msgspec.json.Decoder(Batch)


def encode_batch(batch: Batch) -> bytes:
    """*batch* as JSON."""
    return msgspec.json.encode(batch)


def decode_batch(data: bytes, *, is_checked: bool = False) -> Batch:
    """
    The batch that *data* hold.

    Args:
        is_checked: these bytes passed here before: values are not looked at again.

    Raises:
        WireError: it is none, or a field is out of its range.
    """
    try:
        batch = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        msg = _without_values(str(error))
        raise WireError(msg) from None
    if not is_checked:
        _check_batch(batch)
    return batch


def _without_values(text: str) -> str:
    """What the decoder says, without what it quotes of the data."""
    return re.sub(r"'[^']*'", "…", text)[:200]


def _need(good: object, field: str) -> None:
    if not good:
        raise WireError(f"{field} is out of range")


def _check_batch(batch: Batch) -> None:
    _need(batch.schema == WIRE_SCHEMA, "schema")
    _need(BATCH_ID.fullmatch(batch.batch_id), "batch_id")
    _need(SENSOR_ID.fullmatch(batch.sensor_id), "sensor_id")
    _need(re.fullmatch(r"[0-9a-f]{1,32}", batch.epoch), "epoch")
    _need(0 <= batch.sequence < 1 << 63, "sequence")
    _need(0 <= batch.created_us <= MAX_TIME_US, "created_us")
    _need(len(batch.observations) <= MAX_OBSERVATIONS, "observations")
    _need(len(batch.alerts) <= MAX_ALERTS, "alerts")
    for observation in batch.observations:
        if not _fits(observation):
            _check_observation(observation)
    for alert in batch.alerts:
        _check_alert(alert)
    if batch.health is not None:
        check_health(batch.health)


_OBSERVATION_COUNTS = (
    "seq", "frames", "management", "control", "data", "retries", "protected",
    "octets", "beacons", "signal_frames",
)  # fmt: skip
_SIGNALS = ("signal_mean_dbm", "signal_min_dbm", "signal_max_dbm")


def _fits(one: ObservationRecord) -> bool:
    """
    Whether `_check_observation` finds nothing, at a quarter of its cost.

    Of counts joined by ``|`` one is negative if the result is, and too large likewise.
    """
    return (
        0 <= one.window_us <= MAX_TIME_US
        and 0 <= one.first_us <= MAX_TIME_US
        and 0 <= one.last_us <= MAX_TIME_US
        and 0
        <= (
            (one.seq | one.frames | one.management | one.control | one.data)
            | (one.retries | one.protected | one.octets | one.beacons)
            | one.signal_frames
        )
        < 1 << 63
        and 0 <= (one.channel | one.frequency_mhz) < 1 << 16
        and ((level := one.signal_mean_dbm) is None or -200 <= level <= 100)
        and ((level := one.signal_min_dbm) is None or -200 <= level <= 100)
        and ((level := one.signal_max_dbm) is None or -200 <= level <= 100)
        and _is_mac(one.transmitter)
        and ((text := one.bssid) is None or _is_mac(text))
        and ((text := one.ssid) is None or _is_ssid(text))
        and ((text := one.security) is None or _is_text(text, 64))
        and ((text := one.fingerprint) is None or _is_text(text, 64))
    )


def _is_mac(text: str) -> bool:
    return len(text) == _MAC_CHARS and _looks_like_mac(text)


def _is_ssid(text: str) -> bool:
    return len(text) <= 2 * MAX_SSID_BYTES and _is_hex(text)


# What is heard in one window is heard in the next.
@lru_cache(maxsize=1 << 14)
def _looks_like_mac(text: str) -> bool:
    return _MAC.fullmatch(text) is not None


@lru_cache(maxsize=1 << 12)
def _is_hex(text: str) -> bool:
    return _HEX.fullmatch(text) is not None


def _check_observation(one: ObservationRecord) -> None:
    for name in ("window_us", "first_us", "last_us"):
        _need(0 <= getattr(one, name) <= MAX_TIME_US, f"observations.{name}")
    for name in _OBSERVATION_COUNTS:
        _need(0 <= getattr(one, name) < 1 << 63, f"observations.{name}")
    for name in _SIGNALS:
        level = getattr(one, name)
        _need(level is None or -200 <= level <= 100, f"observations.{name}")
    _need(_is_mac(one.transmitter), "observations.transmitter")
    _need(one.bssid is None or _is_mac(one.bssid), "observations.bssid")
    _check_radio(one, "observations")
    _check_ssid(one.ssid, "observations.ssid")
    for name in ("security", "fingerprint"):
        text = getattr(one, name)
        _need(text is None or _is_text(text, 64), f"observations.{name}")


def _check_alert(one: AlertChange) -> None:
    _need(BATCH_ID.fullmatch(one.id), "alerts.id")
    _need(re.fullmatch(r"[A-Z]{2}[0-9]{3,5}", one.code), "alerts.code")
    _need(re.fullmatch(r"[a-z0-9_]{1,64}", one.slug), "alerts.slug")
    _need(one.severity in {level.word for level in Severity}, "alerts.severity")
    _need(0 <= one.confidence <= 1, "alerts.confidence")
    for name in ("first_us", "raised_us", "last_us"):
        _need(0 <= getattr(one, name) <= MAX_TIME_US, f"alerts.{name}")
    _need(0 <= one.count < 1 << 63, "alerts.count")
    for name, size in (("title", 200), ("attack", 32), ("key", 512)):
        _need(_is_text(getattr(one, name), size), f"alerts.{name}")
    _need(_is_text(one.summary, MAX_TEXT), "alerts.summary")
    for name in ("bssid", "station", "transmitter"):
        mac = getattr(one, name)
        _need(mac is None or _is_mac(mac), f"alerts.{name}")
    _check_radio(one, "alerts")
    _check_ssid(one.ssid, "alerts.ssid")
    _need(len(one.frames) <= 1000, "alerts.frames")
    _need(all(0 <= number < 1 << 63 for number in one.frames), "alerts.frames")
    _need(len(one.evidence) <= 100 and is_plain(one.evidence), "alerts.evidence")


def check_health(one: Health) -> None:
    """
    Hold the values of *one* to their ranges.

    Raises:
        WireError: one is outside.
    """
    for name, value in msgspec.structs.asdict(one).items():
        if isinstance(value, str):
            _need(_is_text(value, 64), f"health.{name}")
        elif isinstance(value, int | float):
            _need(-(1 << 62) < value < 1 << 62, f"health.{name}")
    _need(len(one.blind_s) <= 500 and is_plain(one.blind_s), "health.blind_s")


def _check_radio(one: ObservationRecord | AlertChange, where: str) -> None:
    for name in ("channel", "frequency_mhz"):
        value = getattr(one, name)
        _need(value is None or 0 <= value < 1 << 16, f"{where}.{name}")


def _check_ssid(text: str | None, field: str) -> None:
    _need(text is None or _is_ssid(text), field)


def _is_text(text: str, size: int) -> bool:
    """Short enough, and nothing that PostgreSQL cannot hold."""
    return len(text) <= size and "\0" not in text


def is_plain(value: object, depth: int = 4) -> bool:
    """Whether *value* is shallow JSON of short texts and numbers of 64 bits."""
    match value:
        case None | bool():
            return True
        case int() | float():
            return -(1 << 63) <= value < 1 << 63
        case str():
            return _is_text(value, MAX_TEXT)
        case list() if depth and len(value) <= 1000:
            return all(is_plain(one, depth - 1) for one in value)
        case dict() if depth and len(value) <= 1000:
            return all(
                _is_text(name, 128) and is_plain(one, depth - 1)
                for name, one in value.items()
            )
        case _:
            return False
