"""
``GET /api/v1/stations``: the clients that are known, by site.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
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
from sentinel_netlab.core.addresses import is_local
from sentinel_netlab.store.reading.inventory import (
    StationFilter,
    station_list,
    station_order,
)


class StationSort(StrEnum):
    """What stations are listed by."""

    LAST_SEEN = "last_seen"
    ADDRESS = "address"


class StationOut(msgspec.Struct, frozen=True, kw_only=True):
    """
    A client.

    Attributes:
        random_address: the address is locally administered, as random ones are.
        channel, frequency_mhz: where it was last heard.
    """

    site_id: str
    address: str
    random_address: bool
    channel: int | None
    frequency_mhz: int | None
    frames: int
    signal_max_dbm: int | None
    first_seen: datetime
    last_seen: datetime


_DIFFER = ("address", "random_address")
_SAME = tuple(name for name in StationOut.__struct_fields__ if name not in _DIFFER)


class StationPage(Page[StationOut], frozen=True):
    """Stations."""


class StationRoutes(Controller):
    """Stations of the inventory."""

    path = "/api/v1/stations"
    guards = (known_parameters,)
    tags = ("inventory",)

    @get("/", opt=READ, summary="List stations")
    async def list_stations(
        self,
        request: Request[Any, Any, Any],
        *,
        site: Name = None,
        address: Mac = None,
        channel: Channel = None,
        since: Time = None,
        until: Time = None,
        sort: FromQuery[StationSort] = StationSort.LAST_SEEN,
        order: FromQuery[Direction] = Direction.DESC,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> StationPage:
        """Stations; times are of `last_seen`."""
        wanted = StationFilter(
            site=site_for(request, site),
            address=address_in(address),
            channel=channel,
            since=time_of("since", since),
            until=time_of("until", until),
        )
        by = station_order(sort.value, descending=order == Direction.DESC)
        query = station_list(wanted)
        found = await read_page(request, query, by, limit=limit, cursor=cursor)
        items = [_station(row) for row in found.rows]
        return StationPage(items=items, next=found.next)


def _station(row: sa.RowMapping) -> StationOut:
    address = row["address"]
    return StationOut(
        **same(row, *_SAME),
        address=mac(address) or "",
        random_address=is_local(address),
    )
