"""
The inventory of a site: what observations add to `networks` and `stations`.

Sums, least and greatest values do not depend on the order of batches; what describes a
network is that of its last advertisement, the greater text where two are of one time.
The database reads the rows of a batch from `telemetry` itself: that takes a third of
what sending them a second time does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.core.addresses import GROUP_BIT
from sentinel_netlab.store.tables import networks, stations, telemetry
from sentinel_netlab.store.tables.types import MacAddress
from sentinel_netlab.store.upserts import Upsert, greatest, insert_into, least

_seen = telemetry.c
_DESCRIBES = ("security", "channel", "frequency_mhz", "fingerprint")
_CHANNEL = ("channel", "frequency_mhz")
_NUMBERS = ("channel", "frequency_mhz")
_OURS = (
    (_seen.batch_id == sa.bindparam("batch"))
    & (_seen.sensor_id.concat("") == sa.bindparam("sensor"))
    & _seen.raw_data.is_(sa.null())
)
"""
Rows of the batch, but for those in quarantine.

The batch's id, which sensors choose, finds them by its index; the sensor is no more
than checked, for an index on it would find all that it ever sent.
"""


async def add_to_inventory(
    c: AsyncConnection, site_id: str, sensor_id: str, batch_id: str
) -> None:
    """Add the observations of a batch, which were stored just now, to a site's."""
    batch = {"site": site_id, "sensor": sensor_id, "batch": batch_id}
    for statement in _statements(c.dialect.name):
        await c.execute(statement, batch)


@cache
def _statements(dialect: str) -> tuple[sa.Executable, ...]:
    """In this order: an access point is no station, whichever was heard first."""
    site = sa.bindparam("site", type_=sa.Text)
    name = sa.func.coalesce(_seen.ssid, sa.literal(b""))
    advertised = _newest(
        dialect,
        {"bssid": _seen.bssid, "ssid": name},
        {"ssid_text": sa.func.coalesce(_seen.ssid_text, "")},
        (*_DESCRIBES, "beacons"),
        _seen.bssid.is_not(None),
    )
    is_group = _seen.transmitter.op("&")(sa.literal(GROUP_BIT, MacAddress))
    heard = _newest(
        dialect,
        {"address": _seen.transmitter},
        {},
        _CHANNEL,
        # A CASE, for an index on bssid would find all that ever had none.
        (sa.case((_seen.bssid.is_(None), 1), else_=0) == 1)
        & (is_group == sa.literal(0, MacAddress)),
    )
    passed_as_station = sa.delete(stations).where(
        stations.c.site_id == site,
        stations.c.address.in_(sa.select(_seen.bssid).where(_OURS)),
    )
    return (
        _adding(dialect, networks, advertised, sa.true(), _DESCRIBES),
        passed_as_station,
        _adding(dialect, stations, heard, _no_network(dialect, site, heard), _CHANNEL),
    )


def _no_network(
    dialect: str, site: sa.ColumnElement[str], heard: sa.Subquery
) -> sa.ColumnElement[bool]:
    """Whether what was heard is no access point that is known."""
    here = networks.c.site_id == site
    if dialect != "postgresql":
        is_network = sa.exists().where(here, networks.c.bssid == heard.c.address)
        return ~is_network
    # Arrays, for the planner expects one row of a batch and would read all networks
    # for each.
    batch = sa.func.array(sa.select(_seen.transmitter).where(_OURS).scalar_subquery())
    known = sa.select(networks.c.bssid).where(here, networks.c.bssid == sa.any_(batch))
    return heard.c.address != sa.all_(sa.func.array(known.scalar_subquery()))


def _newest(
    dialect: str,
    keys: Mapping[str, Any],
    derived: Mapping[str, Any],
    names: Sequence[str],
    which: sa.ColumnElement[bool],
) -> sa.Subquery:
    """
    Rows of the batch by *keys*: ``place`` 1 is the last, which has the sums of all.

    Args:
        derived, names: columns beside those that both inventories have.
    """
    group = list(keys.values())
    describing = [name for name in names if name != "beacons"]
    columns = [value.label(name) for name, value in {**keys, **derived}.items()]
    columns += [_seen[name] for name in describing]
    columns += [
        sa.cast(sa.func.sum(_seen[name]).over(partition_by=group), sa.BigInteger).label(
            name
        )
        for name in ("frames", "beacons")
        if name in (*names, "frames")
    ]
    columns += [
        sa.func.max(_seen.signal_max_dbm)
        .over(partition_by=group)
        .label("signal_max_dbm"),
        sa.func.min(_seen.first_seen).over(partition_by=group).label("first_seen"),
        _seen.last_seen,
        sa.func.row_number()
        .over(
            partition_by=group,
            order_by=[one.desc() for one in _rank(dialect, _seen, describing)],
        )
        .label("place"),
    ]
    return sa.select(*columns).where(_OURS, which).subquery()


def _adding(
    dialect: str,
    table: sa.Table,
    found: sa.Subquery,
    which: sa.ColumnElement[bool],
    describing: Sequence[str],
) -> Upsert:
    """Insert the rows of *found*, in one order by everybody; add to those there."""
    site = sa.bindparam("site", type_=sa.Text).label("site_id")
    names = [name for name in found.c.keys() if name != "place"]  # noqa: SIM118
    keys = [found.c[one.name] for one in table.primary_key if one.name != "site_id"]
    rows = (
        sa.select(site, *(found.c[name] for name in names))
        .where(found.c.place == 1, which)
        .order_by(*keys)
    )
    statement = insert_into(dialect, table).from_select(["site_id", *names], rows)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_=_changes(dialect, table, statement.excluded, describing),
    )


def _changes(
    dialect: str, table: sa.Table, new: Any, describing: Sequence[str]
) -> dict[str, Any]:
    old = table.c
    known, ranked = (sa.tuple_(*_rank(dialect, row, describing)) for row in (old, new))
    values: dict[str, Any] = {
        name: sa.case((ranked > known, new[name]), else_=old[name])
        for name in describing
    }
    values |= {
        name: old[name] + new[name] for name in ("frames", "beacons") if name in old
    }
    return values | {
        "signal_max_dbm": greatest(old.signal_max_dbm, new.signal_max_dbm),
        "first_seen": least(old.first_seen, new.first_seen),
        "last_seen": greatest(old.last_seen, new.last_seen),
    }


def _rank(dialect: str, columns: Any, describing: Sequence[str]) -> list[Any]:
    """By what the newer of two rows is known; texts by their bytes."""
    collation = "C" if dialect == "postgresql" else "BINARY"
    parts = [
        sa.func.coalesce(columns[name], 0)
        if name in _NUMBERS
        else sa.collate(sa.func.coalesce(columns[name], ""), collation)
        for name in describing
    ]
    return [columns.last_seen, *parts]
