"""
``GET /api/v1/telemetry``: observations.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from litestar import Controller, Request, get
from litestar.params import FromQuery

from sentinel_netlab.controller.api.filters import (
    READ,
    Channel,
    Direction,
    Mac,
    Name,
    address_in,
    hexadecimal,
    mac,
    same,
    site_for,
)
from sentinel_netlab.controller.api.paging import (
    DEFAULT_LIMIT,
    Cursor,
    Limit,
    Page,
    Time,
    known_parameters,
    read_page,
    time_of,
)
from sentinel_netlab.store.reading.telemetry import (
    TelemetryFilter,
    telemetry_list,
    telemetry_order,
)


class ObservationOut(msgspec.Struct, frozen=True, kw_only=True):
    """
    What one sensor saw of one transmitter on one channel in one window.

    Attributes:
        timestamp: start of the window; of adopted rows the server's time.
        ssid: hexadecimal; ssid_text: as displayed.
        quarantined: why the sensor's times are not believed: such an observation is not
            in the inventory.
        adopted: an older version wrote it; most fields are null then.
    """

    id: int
    timestamp: datetime
    sensor_id: str | None
    batch_id: str | None
    ingested_at: datetime | None
    transmitter: str | None
    bssid: str | None
    ssid: str | None
    ssid_text: str | None
    channel: int | None
    frequency_mhz: int | None
    security: str | None
    fingerprint: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    frames: int | None
    management: int | None
    control: int | None
    data: int | None
    retries: int | None
    protected: int | None
    octets: int | None
    beacons: int | None
    rssi_dbm: int | None
    signal_frames: int | None
    signal_mean_dbm: float | None
    signal_min_dbm: int | None
    signal_max_dbm: int | None
    capabilities: Any
    rsn_info: Any
    quarantined: str | None
    adopted: bool


_DIFFER = ("transmitter", "bssid", "ssid")
_SAME = tuple(name for name in ObservationOut.__struct_fields__ if name not in _DIFFER)


class ObservationPage(Page[ObservationOut], frozen=True):
    """Observations, the newest windows first."""


class TelemetryOut(Controller):
    """What people read of it; sensors write by a route of the same path."""

    path = "/api/v1/telemetry"
    guards = (known_parameters,)
    tags = ("telemetry",)

    @get("/", opt=READ, summary="List observations")
    async def list_telemetry(
        self,
        request: Request[Any, Any, Any],
        *,
        site: Name = None,
        sensor: Name = None,
        bssid: Mac = None,
        channel: Channel = None,
        since: Time = None,
        until: Time = None,
        order: FromQuery[Direction] = Direction.DESC,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> ObservationPage:
        """Observations by the start of their window; adopted ones are among them."""
        wanted = TelemetryFilter(
            site=site_for(request, site),
            sensor=sensor,
            bssid=address_in(bssid),
            channel=channel,
            since=time_of("since", since),
            until=time_of("until", until),
        )
        by = telemetry_order(descending=order == Direction.DESC)
        query = telemetry_list(wanted)
        found = await read_page(request, query, by, limit=limit, cursor=cursor)
        items = [_observation(row) for row in found.rows]
        return ObservationPage(items=items, next=found.next)


def _observation(row: sa.RowMapping) -> ObservationOut:
    return ObservationOut(
        **same(row, *_SAME),
        transmitter=mac(row["transmitter"]),
        bssid=mac(row["bssid"]),
        ssid=hexadecimal(row["ssid"]),
    )
