"""
News of the sensors themselves: silence, lost frames, a wrong clock.

Each is an alert (codes SY001 to SY003) that opens and closes as those of detectors do.
Silence is measured on the server's clock, for a silent sensor has none to show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from sentinel_netlab.core.alerts import Severity, alert_id
from sentinel_netlab.core.observations import WINDOW_US
from sentinel_netlab.core.wire import AlertChange, Health

SILENT_WINDOWS = 3
SILENT_US = SILENT_WINDOWS * WINDOW_US
MAX_DROPS = 0.01
"""Part of the frames that may be lost."""
MIN_FRAMES = 100
"""Fewer say nothing about a part of one in a hundred."""
MAX_CLOCK_OFFSET_S = 5.0
ONLINE, OFFLINE = "online", "offline"
SILENT, DROPS, CLOCK = "SY001", "SY002", "SY003"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a system alert is called."""

    slug: str
    title: str
    severity: Severity


KINDS: Mapping[str, Kind] = {
    SILENT: Kind("sensor_silent", "Sensor is silent", Severity.HIGH),
    DROPS: Kind("sensor_drops", "Sensor loses frames", Severity.MEDIUM),
    CLOCK: Kind("sensor_clock", "Sensor's clock is wrong", Severity.MEDIUM),
}


@dataclass(frozen=True, slots=True)
class SensorState:
    """
    A sensor as the server knows it.

    Attributes:
        status: enrolled, online, offline, disabled.
        heard_us: server's time of its last batch or heartbeat, None: never.
        silent: its alert of silence that is open.
    """

    sensor_id: str
    status: str | None
    heard_us: int | None
    silent: AlertChange | None = None


@dataclass(frozen=True, slots=True)
class SensorChange:
    """What became of a sensor; None: nothing in that respect."""

    sensor_id: str
    status: str | None
    alert: AlertChange | None


def watch(
    sensors: list[SensorState], *, watching_since_us: int, now_us: int
) -> list[SensorChange]:
    """
    Sensors that fell silent or came back.

    Args:
        watching_since_us: since when the server could have heard them; a server that
            was away itself accuses nobody.
    """
    changes = []
    for sensor in sensors:
        change = _judge(sensor, watching_since_us, now_us)
        if change is not None:
            changes.append(change)
    return changes


def _judge(
    sensor: SensorState, watching_since_us: int, now_us: int
) -> SensorChange | None:
    if sensor.heard_us is None:
        return None
    if sensor.status == "disabled":
        # Somebody took it out: it is not missed any more.
        ended = None if sensor.silent is None else _ended(sensor.silent, now_us)
        return _changed(sensor, None, ended)
    heard_us = sensor.heard_us
    if now_us - heard_us <= SILENT_US:
        closed = None if sensor.silent is None else _ended(sensor.silent, heard_us)
        status = None if sensor.status == ONLINE else ONLINE
        return _changed(sensor, status, closed)
    if now_us - max(heard_us, watching_since_us) <= SILENT_US:
        return None
    if sensor.status == OFFLINE:
        return None
    silent_s = (now_us - heard_us) // 1_000_000
    alert = _raised(
        SILENT, sensor.sensor_id, heard_us, now_us,
        summary=f"Nothing was heard of {sensor.sensor_id} for {silent_s} s.",
        evidence={"silent_s": silent_s, "threshold_s": SILENT_US // 1_000_000},
    )  # fmt: skip
    return _changed(sensor, OFFLINE, None if sensor.silent else alert)


def _changed(
    sensor: SensorState, status: str | None, alert: AlertChange | None
) -> SensorChange | None:
    if status is None and alert is None:
        return None
    return SensorChange(sensor.sensor_id, status, alert)


def judge_health(
    sensor_id: str, health: Health, open_alerts: Mapping[str, AlertChange], now_us: int
) -> list[AlertChange]:
    """
    What *health*, received at *now_us*, opens, updates or closes.

    Args:
        open_alerts: system alerts of the sensor that are open, by code.
    """
    changes = [
        _judge_drops(sensor_id, health, open_alerts.get(DROPS), now_us),
        _judge_clock(sensor_id, health, open_alerts.get(CLOCK), now_us),
    ]
    return [change for change in changes if change is not None]


def _judge_drops(
    sensor_id: str, health: Health, known: AlertChange | None, now_us: int
) -> AlertChange | None:
    seen = max(0, health.frames) + max(0, health.dropped_frames)
    if seen < MIN_FRAMES:
        return None
    part = max(0, health.dropped_frames) / seen
    if part <= MAX_DROPS:
        return None if known is None else _ended(known, now_us)
    return _continued(
        known, DROPS, sensor_id, now_us,
        summary=f"{sensor_id} lost {part:.1%} of {seen} frames.",
        evidence={"dropped_part": round(part, 4), "threshold_part": MAX_DROPS},
    )  # fmt: skip


def _judge_clock(
    sensor_id: str, health: Health, known: AlertChange | None, now_us: int
) -> AlertChange | None:
    offset_s = health.clock_offset_s
    if offset_s is None:
        return None
    if abs(offset_s) <= MAX_CLOCK_OFFSET_S:
        return None if known is None else _ended(known, now_us)
    side = "ahead" if offset_s > 0 else "behind"
    return _continued(
        known, CLOCK, sensor_id, now_us,
        summary=f"The clock of {sensor_id} is {abs(offset_s):.1f} s {side}.",
        evidence={
            "clock_offset_s": round(offset_s, 3),
            "threshold_s": MAX_CLOCK_OFFSET_S,
        },
    )  # fmt: skip


def _continued(
    known: AlertChange | None,
    code: str,
    sensor_id: str,
    now_us: int,
    *,
    summary: str,
    evidence: dict[str, float],
) -> AlertChange:
    since_us = now_us if known is None else known.first_us
    count = 1 if known is None else known.count + 1
    change = _raised(
        code, sensor_id, since_us, now_us,
        summary=summary, evidence=evidence, count=count,
    )  # fmt: skip
    # What goes on after somebody resolved it has an id of its own.
    return change if known is None else msgspec.structs.replace(change, id=known.id)


def _raised(
    code: str,
    sensor_id: str,
    first_us: int,
    now_us: int,
    *,
    summary: str,
    evidence: dict[str, float],
    count: int = 1,
) -> AlertChange:
    kind = KINDS[code]
    key = f"sensor={sensor_id}"
    return AlertChange(
        id=alert_id(sensor_id, code, key, first_us),
        code=code,
        slug=kind.slug,
        title=kind.title,
        severity=kind.severity.word,
        confidence=1.0,
        first_us=first_us,
        raised_us=now_us,
        last_us=max(first_us, now_us),
        count=count,
        key=key,
        attack="",
        summary=summary,
        evidence=evidence,
    )


def _ended(alert: AlertChange, now_us: int) -> AlertChange:
    """*alert* as it ends, in the words that it had."""
    return msgspec.structs.replace(
        alert, last_us=max(alert.last_us, now_us), closed=True
    )
