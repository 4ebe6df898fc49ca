"""
Observations and alerts as a batch says them.

What comes from the air may be anything; what goes into a batch is within the bounds of
`core.wire`, so that no odd frame makes the controller refuse what tells of it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.core.inflate import MAX_RATIO, SMALL_BYTES
from sentinel_netlab.core.observations import Observation
from sentinel_netlab.core.wire import (
    MAX_SSID_BYTES,
    MAX_TEXT,
    MAX_TIME_US,
    AlertChange,
    Batch,
    ObservationRecord,
    encode_batch,
    is_plain,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LOWEST_DBM, HIGHEST_DBM = -200, 100
MAX_LABEL = 64
MAX_KEY = 512
MAX_EVIDENCE = 100
MAX_FRAMES = 1000
DEPTH = 3
"""Of a measured value: one less than the evidence as a whole may have."""
LEVEL = 3
"""Of zstd: its default, a tenth of gzip's cost."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A batch as it is sent, and sent again: the same bytes each time."""

    body: bytes = field(repr=False)
    encoding: str


def observation_record(one: Observation, seq: int) -> ObservationRecord:
    """*one* as number *seq* of the sensor's epoch."""
    return ObservationRecord(
        seq=seq,
        window_us=_time(one.window_us),
        transmitter=format_mac(one.transmitter),
        first_us=_time(one.first_us),
        last_us=_time(one.last_us),
        frames=one.frames,
        channel=one.channel,
        frequency_mhz=one.frequency_mhz,
        management=one.management,
        control=one.control,
        data=one.data,
        retries=one.retries,
        protected=one.protected,
        octets=one.octets,
        beacons=one.beacons,
        signal_frames=one.signal_frames,
        signal_mean_dbm=_level(one.signal_mean_dbm),
        signal_min_dbm=_whole(one.signal_min_dbm),
        signal_max_dbm=_whole(one.signal_max_dbm),
        bssid=_mac(one.bssid),
        ssid=_ssid(one.ssid),
        security=_text(one.security, MAX_LABEL) if one.security else None,
        fingerprint=_text(one.fingerprint, MAX_LABEL) if one.fingerprint else None,
    )


def alert_change(alert: Alert) -> AlertChange:
    """The state of *alert*."""
    subject = alert.subject
    return AlertChange(
        id=alert.id,
        code=alert.code,
        slug=alert.slug,
        title=_text(alert.title, 200),
        severity=alert.severity.word,
        confidence=min(1.0, max(0.0, alert.confidence)),
        first_us=_time(alert.first_seen_us),
        raised_us=_time(alert.raised_us),
        last_us=_time(alert.last_seen_us),
        count=alert.count,
        key=_text(alert.key, MAX_KEY),
        attack=alert.attack,
        summary=_text(alert.summary, MAX_TEXT),
        bssid=_mac(subject.bssid),
        ssid=_ssid(subject.ssid),
        station=_mac(subject.station),
        transmitter=_mac(subject.transmitter),
        channel=subject.channel,
        frequency_mhz=subject.frequency_mhz,
        evidence=_evidence(alert.evidence),
        frames=list(alert.frames[:MAX_FRAMES]),
        closed=alert.closed,
    )


def encode(batch: Batch) -> Encoded:
    """*batch* as bytes, compressed unless the controller would take it for a bomb."""
    plain = encode_batch(batch)
    packed = zstd.compress(plain, LEVEL)
    if len(plain) > max(SMALL_BYTES, MAX_RATIO * len(packed)):
        return Encoded(plain, "identity")
    return Encoded(packed, "zstd")


def _time(time_us: int) -> int:
    return min(max(time_us, 0), MAX_TIME_US)


def _level(dbm: float | None) -> float | None:
    return None if dbm is None else min(max(dbm, LOWEST_DBM), HIGHEST_DBM)


def _whole(dbm: int | None) -> int | None:
    return None if dbm is None else min(max(dbm, LOWEST_DBM), HIGHEST_DBM)


def _mac(address: int | None) -> str | None:
    return None if address is None else format_mac(address)


def _ssid(ssid: bytes | None) -> str | None:
    return None if ssid is None else ssid[:MAX_SSID_BYTES].hex()


def _text(text: str, size: int) -> str:
    return text.replace("\0", "\\x00")[:size]


def _evidence(measured: Mapping[str, Any]) -> dict[str, Any]:
    kept = list(measured.items())[:MAX_EVIDENCE]
    return {
        _text(name, 128): value
        if is_plain(value, DEPTH)
        else _text(str(value), MAX_TEXT)
        for name, value in kept
    }
