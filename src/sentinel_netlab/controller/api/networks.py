"""
``/api/v1/networks``: the access points that are known, by site.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
from litestar import Controller, Request, get
from litestar.params import FromQuery, PathParameter, QueryParameter

from sentinel_netlab.controller.api.filters import (
    READ,
    Channel,
    Direction,
    Mac,
    MacInPath,
    Name,
    Text,
    address_in,
    mac,
    not_found,
    same,
    site_for,
)
from sentinel_netlab.controller.api.paging import (
    DEFAULT_LIMIT,
    Cursor,
    Found,
    Limit,
    Page,
    Time,
    known_parameters,
    read_page,
    time_of,
)
from sentinel_netlab.store.reading.inventory import (
    NetworkFilter,
    network_list,
    network_order,
)

Ssid = Annotated[
    str | None,
    QueryParameter(
        pattern="^([0-9a-f]{2}){0,255}$",
        description="All its bytes in hexadecimal; empty: hidden networks.",
    ),
]
Site = Annotated[str, PathParameter(max_length=64)]


class NetworkSort(StrEnum):
    """What networks are listed by."""

    LAST_SEEN = "last_seen"
    BSSID = "bssid"


class NetworkOut(msgspec.Struct, frozen=True, kw_only=True):
    """
    An access point's BSS by one of its names.

    Attributes:
        ssid: hexadecimal, empty when hidden; ssid_text: as displayed.
        security, channel, frequency_mhz, fingerprint: as last advertised.
    """

    site_id: str
    bssid: str
    ssid: str
    ssid_text: str
    security: str | None
    channel: int | None
    frequency_mhz: int | None
    fingerprint: str | None
    beacons: int
    frames: int
    signal_max_dbm: int | None
    first_seen: datetime
    last_seen: datetime


_DIFFER = ("bssid", "ssid")
_SAME = tuple(name for name in NetworkOut.__struct_fields__ if name not in _DIFFER)


class NetworkPage(Page[NetworkOut], frozen=True):
    """Networks."""


class NetworkRoutes(Controller):
    """Networks of the inventory."""

    path = "/api/v1/networks"
    guards = (known_parameters,)
    tags = ("inventory",)

    @get("/", opt=READ, summary="List networks")
    async def list_networks(
        self,
        request: Request[Any, Any, Any],
        *,
        site: Name = None,
        bssid: Mac = None,
        ssid: Ssid = None,
        text: Text = None,
        security: Name = None,
        channel: Channel = None,
        since: Time = None,
        until: Time = None,
        sort: FromQuery[NetworkSort] = NetworkSort.LAST_SEEN,
        order: FromQuery[Direction] = Direction.DESC,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> NetworkPage:
        """Networks: one for each name of a BSSID; times are of `last_seen`."""
        wanted = NetworkFilter(
            site=site_for(request, site),
            bssid=address_in(bssid),
            ssid=None if ssid is None else bytes.fromhex(ssid),
            text=text,
            security=security,
            channel=channel,
            since=time_of("since", since),
            until=time_of("until", until),
        )
        by = network_order(sort.value, descending=order == Direction.DESC)
        query = network_list(wanted)
        return _page(await read_page(request, query, by, limit=limit, cursor=cursor))

    @get("/{site:str}/{bssid:str}", opt=READ, summary="Show a network")
    async def show_network(
        self,
        request: Request[Any, Any, Any],
        *,
        site: Site,
        bssid: MacInPath,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> NetworkPage:
        """All names of a BSSID at a site, the last heard first."""
        if site_for(request, None) not in (None, site):
            raise not_found("network")
        wanted = NetworkFilter(site=site, bssid=address_in(bssid))
        by = network_order("last_seen", descending=True)
        query = network_list(wanted)
        found = await read_page(request, query, by, limit=limit, cursor=cursor)
        if not found.rows and cursor is None:
            raise not_found("network")
        return _page(found)


def _page(found: Found) -> NetworkPage:
    return NetworkPage(items=[_network(row) for row in found.rows], next=found.next)


def _network(row: sa.RowMapping) -> NetworkOut:
    return NetworkOut(
        **same(row, *_SAME),
        bssid=mac(row["bssid"]) or "",
        ssid=row["ssid"].hex(),
    )
