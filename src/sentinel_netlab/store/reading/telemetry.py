"""
Observations as people ask for them, the newest windows first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sentinel_netlab.store.reading.keyset import Order, ordered
from sentinel_netlab.store.tables import sensors, telemetry

_columns = telemetry.c
_NAMES = (
    "id", "timestamp", "sensor_id", "batch_id", "ingested_at", "transmitter", "bssid",
    "ssid", "ssid_text", "channel", "frequency_mhz", "security", "fingerprint",
    "first_seen", "last_seen", "frames", "management", "control", "data", "retries",
    "protected", "octets", "beacons", "rssi_dbm", "signal_frames", "signal_mean_dbm",
    "signal_min_dbm", "signal_max_dbm", "capabilities", "rsn_info", "adopted",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryFilter:
    """
    Which observations; None: any.

    Attributes:
        site: of the sensor.
        since, until: start of the window, *until* not included.
    """

    site: str | None = None
    sensor: str | None = None
    bssid: int | None = None
    channel: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def telemetry_order(*, descending: bool) -> Order:
    """By the time of the window."""
    return ordered(_columns.timestamp, _columns.id, descending=descending)


def telemetry_list(wanted: TelemetryFilter) -> sa.Select[Any]:
    """Observations; adopted ones too."""
    doubt = sa.case(
        (_columns.adopted.is_(sa.false()), _columns.raw_data["quarantined"].as_string())
    )
    query = sa.select(*(_columns[name] for name in _NAMES), doubt.label("quarantined"))
    if wanted.site is not None:
        here = sa.select(sensors.c.id).where(sensors.c.site_id == wanted.site)
        query = query.where(_columns.sensor_id.in_(here))
    if wanted.sensor is not None:
        query = query.where(_columns.sensor_id == wanted.sensor)
    if wanted.bssid is not None:
        query = query.where(_columns.bssid == wanted.bssid)
    if wanted.channel is not None:
        query = query.where(_columns.channel == wanted.channel)
    if wanted.since is not None:
        query = query.where(_columns.timestamp >= wanted.since)
    if wanted.until is not None:
        query = query.where(_columns.timestamp < wanted.until)
    return query
