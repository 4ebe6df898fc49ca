"""
Sensors: who is enrolled, with which key, where, and how they are to work.

A sensor joins, changes its key and is disabled by one conditional UPDATE each, so that
two who do so at once cannot both have done it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.store.reading.keyset import ordered
from sentinel_netlab.store.tables import sensors, sites
from sentinel_netlab.store.upserts import insert_for

ENROLLED, OFFLINE, DISABLED = "enrolled", "offline", "disabled"
Enrolled = Literal["enrolled", "exists", "site_unknown"]
DEFAULT_SITE = "default"
"""Made when the first sensor is enrolled without a site."""
_columns = sensors.c


@dataclass(frozen=True, slots=True)
class StoredSensor:
    """
    A sensor, without its join code.

    Attributes:
        status: enrolled, online, offline, disabled; adopted ones may say others.
        key_version: the newest version of its key, 0: it has not joined.
        oldest_key_version: the oldest that opens.
        join_expires_at: until when its join code can be used, None: there is none.
        config: the desired configuration, as `core.configuration.Configuration`.
        reported_version: of the configuration that it works with.
        reported_problem: why it refused the desired one.
    """

    id: str
    name: str | None
    status: str | None
    site_id: str | None
    created_at: datetime | None
    last_heartbeat: datetime | None
    key_version: int
    oldest_key_version: int
    join_expires_at: datetime | None
    latitude_deg: float | None
    longitude_deg: float | None
    position_note: str | None
    config: dict[str, Any] | None
    config_version: int
    reported_version: int | None
    reported_problem: str | None
    health: dict[str, Any] | None
    clock_offset_s: float | None
    adopted: bool


_FIELDS = tuple(_columns[name] for name in StoredSensor.__slots__)
BY_ID = ordered(_columns.id)


def select_sensors(site_id: str | None = None) -> sa.Select[Any]:
    """Sensors (of one site), for `read_sensor`."""
    query = sa.select(*_FIELDS)
    return query if site_id is None else query.where(_columns.site_id == site_id)


def read_sensor(row: sa.RowMapping) -> StoredSensor:
    """The sensor in a row of `select_sensors`."""
    return StoredSensor(**{name: row[name] for name in StoredSensor.__slots__})


async def list_sensors(c: AsyncConnection) -> list[StoredSensor]:
    """All sensors by id."""
    found = await c.execute(select_sensors().order_by(_columns.id))
    return [read_sensor(row) for row in found.mappings()]


async def find_sensor(
    c: AsyncConnection, sensor_id: str, *, to_change: bool = False
) -> StoredSensor | None:
    """
    The sensor of that id.

    Args:
        to_change: nobody else changes it until the transaction ends.
    """
    query = select_sensors().where(_columns.id == sensor_id)
    if to_change:
        query = query.with_for_update(key_share=True)
    row = (await c.execute(query)).mappings().first()
    return None if row is None else read_sensor(row)


async def enroll(
    c: AsyncConnection,
    *,
    sensor_id: str,
    name: str | None,
    site_id: str | None,
    code_hash: str,
    expires_at: datetime,
    again: bool,
    now: datetime,
) -> Enrolled:
    """
    Let the bearer of a join code become *sensor_id*, until *expires_at*.

    What a sensor has that was not said (None) stays; one without a site is put at
    `DEFAULT_SITE`, for the inventory and incidents are those of a site.  Its keys go on
    to open until the code is used; those of a disabled sensor open nothing any more,
    for they may be in the wrong hands.

    Args:
        code_hash: `core.join_codes.hash_code` of the code; it replaces an older one.
        again: also if a machine has joined as this sensor before.
    """
    if site_id is not None and not await _has_site(c, site_id):
        return "site_unknown"
    code = {"join_code_hash": code_hash, "join_expires_at": expires_at}
    new = {"id": sensor_id, "name": name or sensor_id, "site_id": site_id}
    insert = insert_for(c, sensors).on_conflict_do_nothing().returning(_columns.id)
    fixed = {"status": ENROLLED, "created_at": now, "adopted": False}
    if (await c.execute(insert, {**new, **fixed, **code})).first() is not None:
        await _put_somewhere(c, sensor_id, now)
        return "enrolled"
    said = {"name": name, "site_id": site_id}
    changed = {key: value for key, value in said.items() if value is not None}
    free = sa.true() if again else _columns.key_version == 0
    oldest = sa.case(
        (_columns.status == DISABLED, _columns.key_version + 1),
        else_=_columns.oldest_key_version,
    )
    done = await c.execute(
        sa.update(sensors)
        .where(_columns.id == sensor_id, free)
        .values(**code, **changed, oldest_key_version=oldest)
    )
    if done.rowcount != 1:
        return "exists"
    await _put_somewhere(c, sensor_id, now)
    return "enrolled"


async def _put_somewhere(c: AsyncConnection, sensor_id: str, now: datetime) -> None:
    """At `DEFAULT_SITE`, if it has no site: an adopted one has none, either."""
    placeless = (_columns.id == sensor_id) & _columns.site_id.is_(None)
    if (await c.execute(sa.select(_columns.id).where(placeless))).first() is None:
        return
    site = {"id": DEFAULT_SITE, "name": "Default", "created_at": now}
    await c.execute(insert_for(c, sites).on_conflict_do_nothing(), site)
    await c.execute(sa.update(sensors).where(placeless).values(site_id=DEFAULT_SITE))


async def _has_site(c: AsyncConnection, site_id: str) -> bool:
    query = sa.select(sites.c.id).where(sites.c.id == site_id)
    return (await c.execute(query)).first() is not None


async def redeem(
    c: AsyncConnection, code_hash: str, now: datetime
) -> tuple[str, int] | None:
    """
    Use up a join code: the sensor that it names, and the new version of its key.

    Older versions open nothing from now on.  None: no such code, or it was used, or
    its time is over, or the sensor is disabled.
    """
    known = _columns.status.in_(("online", OFFLINE))
    statement = (
        sa.update(sensors)
        .where(
            _columns.join_code_hash == code_hash,
            _columns.join_expires_at > now,
            _columns.status.is_distinct_from(DISABLED),
        )
        .values(
            key_version=_columns.key_version + 1,
            oldest_key_version=_columns.key_version + 1,
            join_code_hash=None,
            join_expires_at=None,
            status=sa.case((known, _columns.status), else_=ENROLLED),
        )
        .returning(_columns.id, _columns.key_version)
    )
    row = (await c.execute(statement)).first()
    return None if row is None else (str(row[0]), int(row[1]))


async def rotate(c: AsyncConnection, sensor_id: str) -> int | None:
    """
    Let the sensor have a new key with its next heartbeat; the number of it.

    The older ones open until the new one was used.  None: it never joined.
    """
    statement = (
        sa.update(sensors)
        .where(_columns.id == sensor_id, _columns.key_version > 0)
        .values(key_version=_columns.key_version + 1)
        .returning(_columns.key_version)
    )
    version: int | None = (await c.execute(statement)).scalar()
    return version


async def disable(c: AsyncConnection, sensor_id: str) -> bool:
    """Hear the sensor no more; False: that is so, or there is no such sensor."""
    done = await c.execute(
        sa.update(sensors)
        .where(_columns.id == sensor_id, _columns.status.is_distinct_from(DISABLED))
        .values(status=DISABLED)
    )
    return done.rowcount == 1


async def enable(c: AsyncConnection, sensor_id: str) -> bool:
    """Hear a disabled sensor again; False: it is not disabled, or not there."""
    heard = _columns.last_heartbeat.is_not(None)
    done = await c.execute(
        sa.update(sensors)
        .where(_columns.id == sensor_id, _columns.status == DISABLED)
        .values(status=sa.case((heard, OFFLINE), else_=ENROLLED))
    )
    return done.rowcount == 1


async def change_sensor(
    c: AsyncConnection, sensor_id: str, values: Mapping[str, Any]
) -> None:
    """
    Set columns of a sensor that was found ``to_change``.

    The version of the configuration counts up if *values* hold one.

    Raises:
        LookupError: there is no such site.
    """
    site_id = values.get("site_id")
    if site_id is not None and not await _has_site(c, site_id):
        raise LookupError("no site of that id")
    changed: dict[str, Any] = dict(values)
    if "config" in values:
        changed["config_version"] = _columns.config_version + 1
    if changed:
        await c.execute(
            sa.update(sensors).where(_columns.id == sensor_id).values(changed)
        )


async def report_configuration(
    c: AsyncConnection, sensor_id: str, version: int | None, problem: str
) -> bool:
    """Note what a sensor works with and why; whether that is news."""
    values = {"reported_version": version, "reported_problem": problem or None}
    different = sa.or_(
        *(_columns[name].is_distinct_from(value) for name, value in values.items())
    )
    done = await c.execute(
        sa.update(sensors).where(_columns.id == sensor_id, different).values(values)
    )
    return done.rowcount == 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What a sensor is told.

    Attributes:
        config: None: its own is good; an adopted one, of version 0, says nothing.
        policy: of its site, None: there is none.
    """

    config_version: int
    config: dict[str, Any] | None
    site_id: str | None
    policy_version: int | None
    policy: dict[str, Any] | None


async def wanted_of(c: AsyncConnection, sensor_id: str) -> Wanted:
    """What *sensor_id*, which is there, is to be told."""
    query = (
        sa.select(
            _columns.config_version,
            sa.case((_columns.config_version > 0, _columns.config)),
            _columns.site_id,
            sites.c.policy_version,
            sites.c.policy,
        )
        .outerjoin_from(sensors, sites, sites.c.id == _columns.site_id)
        .where(_columns.id == sensor_id)
    )
    return Wanted(*(await c.execute(query)).one())
