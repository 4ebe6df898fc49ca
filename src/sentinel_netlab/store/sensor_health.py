"""
What the worker knows and writes of sensors: when they were heard, how they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.store.tables import ingest_jobs, sensors
from sentinel_netlab.store.upserts import greatest

_columns = sensors.c
JUDGED = "judged_us"
"""Beside what the sensor told: the newest ``at_us`` of a batch."""


@dataclass(frozen=True, slots=True)
class HeardSensor:
    """
    An enrolled sensor.

    Attributes:
        heard_at: the server's time of its last batch or heartbeat, None: never.
    """

    sensor_id: str
    site_id: str | None
    status: str | None
    heard_at: datetime | None


async def site_of(c: AsyncConnection, sensor_id: str) -> str | None:
    """
    The site of a sensor, None: it has none.

    Raises:
        LookupError: there is no such sensor.
    """
    query = sa.select(_columns.id, _columns.site_id).where(_columns.id == sensor_id)
    row = (await c.execute(query)).first()
    if row is None:
        raise LookupError("no sensor of that id")
    return None if row.site_id is None else str(row.site_id)


async def record_health(
    c: AsyncConnection,
    sensor_id: str,
    *,
    heard_at: datetime,
    health: dict[str, Any] | None,
    to_judge: bool = False,
) -> bool:
    """
    Note that a sensor was heard, and *health* if nothing newer is known.

    Args:
        health: with ``at_us``, the sensor's time, by which the newer is told.
        to_judge: it came in a batch.  A heartbeat, which overtakes batches, tells the
            latest but not what was lost meanwhile: only batches are compared.

    Returns:
        Whether *health* was news.
    """
    here = _columns.id == sensor_id
    values: dict[str, Any] = {
        "last_heartbeat": greatest(_columns.last_heartbeat, sa.literal(heard_at))
    }
    is_news = False
    if health is not None:
        known = sa.select(_columns.health).where(here).with_for_update(key_share=True)
        before = (await c.execute(known)).scalar() or {}
        is_newest = health["at_us"] > before.get("at_us", -1)
        is_news = is_newest
        judged_us = before.get(JUDGED, -1)
        if to_judge:
            is_news = health["at_us"] > judged_us
            judged_us = max(judged_us, health["at_us"])
        values["health"] = {**(health if is_newest else before), JUDGED: judged_us}
        if is_newest and health.get("clock_offset_s") is not None:
            values["clock_offset_s"] = health["clock_offset_s"]
    await c.execute(sa.update(sensors).where(here).values(values))
    return is_news


async def heard_sensors(
    c: AsyncConnection, now: datetime, window: timedelta
) -> list[HeardSensor]:
    """
    Sensors that have keys, with when they were heard.

    Batches that wait in the queue count: a worker that is late makes no sensor silent.
    """
    jobs = ingest_jobs.c
    recent = (
        sa.select(jobs.sensor_id, sa.func.max(jobs.received_at).label("received_at"))
        .where(jobs.received_at > now - window)
        .group_by(jobs.sensor_id)
        .subquery()
    )
    heard = greatest(_columns.last_heartbeat, recent.c.received_at)
    query = (
        sa.select(
            _columns.id,
            _columns.site_id,
            _columns.status,
            sa.type_coerce(heard, _columns.last_heartbeat.type),
        )
        .outerjoin_from(sensors, recent, recent.c.sensor_id == _columns.id)
        .where(_columns.key_version > 0)
        .order_by(_columns.id)
    )
    return [HeardSensor(*row) for row in await c.execute(query)]


async def set_status(c: AsyncConnection, sensor_id: str, status: str) -> bool:
    """Let a sensor that is not disabled be online or offline; False: it is disabled."""
    done = await c.execute(
        sa.update(sensors)
        .where(_columns.id == sensor_id, _columns.status.is_distinct_from("disabled"))
        .values(status=status)
    )
    return done.rowcount == 1


async def status_of(c: AsyncConnection, sensor_id: str) -> str | None:
    """The status of a sensor, which stays so until our transaction ends."""
    query = (
        sa.select(_columns.status)
        .where(_columns.id == sensor_id)
        .with_for_update(key_share=True)
    )
    status: str | None = (await c.execute(query)).scalar()
    return status
