"""
Networks and stations of the inventory as people ask for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sentinel_netlab.store.reading.keyset import Order, ordered
from sentinel_netlab.store.tables import networks, stations

NETWORK_SORTS = ("last_seen", "bssid")
STATION_SORTS = ("last_seen", "address")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFilter:
    """
    Which networks; None: any.

    Attributes:
        ssid: all bytes of it; empty: hidden ones.
        text: part of the SSID as it is displayed, in any case.
        since, until: when last seen, *until* not included.
    """

    site: str | None = None
    bssid: int | None = None
    ssid: bytes | None = None
    text: str | None = None
    security: str | None = None
    channel: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationFilter:
    """Which stations, as `NetworkFilter`."""

    site: str | None = None
    address: int | None = None
    channel: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def network_order(sort: str, *, descending: bool) -> Order:
    """By one of `NETWORK_SORTS`; the key of a network after it."""
    key = (networks.c.site_id, networks.c.bssid, networks.c.ssid)
    first = () if sort == "bssid" else (networks.c.last_seen,)
    return ordered(*first, *key, descending=descending)


def station_order(sort: str, *, descending: bool) -> Order:
    """By one of `STATION_SORTS`; the key of a station after it."""
    key = (stations.c.site_id, stations.c.address)
    first = () if sort == "address" else (stations.c.last_seen,)
    return ordered(*first, *key, descending=descending)


def network_list(wanted: NetworkFilter) -> sa.Select[Any]:
    """Networks: one for each site, BSSID and SSID."""
    columns = networks.c
    query = sa.select(networks)
    for name in ("bssid", "ssid", "security"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(columns[name] == value)
    if wanted.text is not None:
        query = query.where(columns.ssid_text.icontains(wanted.text, autoescape=True))
    return _common(query, networks, wanted)


def station_list(wanted: StationFilter) -> sa.Select[Any]:
    """Stations: one for each site and address."""
    query = sa.select(stations)
    if wanted.address is not None:
        query = query.where(stations.c.address == wanted.address)
    return _common(query, stations, wanted)


def _common(
    query: sa.Select[Any], table: sa.Table, wanted: NetworkFilter | StationFilter
) -> sa.Select[Any]:
    columns = table.c
    if wanted.site is not None:
        query = query.where(columns.site_id == wanted.site)
    if wanted.channel is not None:
        query = query.where(columns.channel == wanted.channel)
    if wanted.since is not None:
        query = query.where(columns.last_seen >= wanted.since)
    if wanted.until is not None:
        query = query.where(columns.last_seen < wanted.until)
    return query
