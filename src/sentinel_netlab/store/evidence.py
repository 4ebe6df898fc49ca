"""
The frames behind alerts, as pcapng: one piece for each alert.

A piece may come before its alert, and a sensor may claim an alert that turns out to be
another's: only what came from the alert's own sensor is ever given out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.store.tables import alerts, evidence
from sentinel_netlab.store.upserts import insert_for

EARLY = timedelta(hours=24)
"""How long a piece waits for its alert; then retention drops it."""
MAX_EARLY = 100
"""Pieces of one sensor whose alerts have not come: 25 MiB of the largest."""
Put = Literal["stored", "unchanged", "foreign", "claimed", "too_many"]
_columns = evidence.c


@dataclass(frozen=True, slots=True)
class Evidence:
    """The frames behind an alert; *digest* is the SHA-256 in hexadecimal."""

    pcapng: bytes
    digest: str


async def put_evidence(
    c: AsyncConnection,
    *,
    alert_id: str,
    sensor_id: str,
    pcapng: bytes,
    digest: str,
    now: datetime,
) -> Put:
    """
    Keep the frames behind an alert of *sensor_id*, instead of those from before.

    Returns:
        ``foreign``: the alert is another sensor's.  ``claimed``: the alert has not
        come, and another sensor holds its place; that one yields when it comes.
        ``too_many``: so many pieces of this sensor wait for their alerts.
    """
    owner = await _owner(c, alert_id)
    if owner is not None and owner != sensor_id:
        return "foreign"
    known = await _known(c, alert_id)
    if known == (sensor_id, digest):
        return "unchanged"
    if owner is None and known is not None and known[0] != sensor_id:
        return "claimed"
    is_early = owner is None and known is None
    if is_early and await _early(c, sensor_id, now) >= MAX_EARLY:
        return "too_many"
    return await _store(c, alert_id, owner, {
        "sensor_id": sensor_id,
        "received_at": now,
        "digest": digest,
        "pcapng": pcapng,
    })  # fmt: skip


async def _owner(c: AsyncConnection, alert_id: str) -> str | None:
    query = sa.select(alerts.c.sensor_id).where(alerts.c.id == alert_id)
    owner: str | None = (await c.execute(query)).scalar()
    return owner


async def _known(c: AsyncConnection, alert_id: str) -> tuple[str, str] | None:
    query = (
        sa.select(_columns.sensor_id, _columns.digest)
        .where(_columns.alert_id == alert_id)
        .with_for_update()
    )
    row = (await c.execute(query)).first()
    return None if row is None else (row.sensor_id, row.digest)


async def _early(c: AsyncConnection, sensor_id: str, now: datetime) -> int:
    has_come = sa.exists().where(alerts.c.id == _columns.alert_id)
    query = sa.select(sa.func.count()).where(
        # Retention is about to drop what is older; the index spares the rest.
        _columns.received_at > now - EARLY,
        _columns.sensor_id == sensor_id,
        ~has_come,
    )
    return int((await c.execute(query)).scalar_one())


async def _store(
    c: AsyncConnection, alert_id: str, owner: str | None, values: dict[str, object]
) -> Put:
    insert = insert_for(c, evidence).values(alert_id=alert_id, **values)
    new = insert.excluded
    # Another may have put a piece since we looked: it stays, unless we own the alert.
    ours = sa.true() if owner else _columns.sensor_id == new.sensor_id
    statement = insert.on_conflict_do_update(
        index_elements=[_columns.alert_id],
        set_={name: new[name] for name in values},
        where=ours,
    ).returning(_columns.alert_id)
    return "stored" if (await c.execute(statement)).first() else "claimed"


async def find_evidence(
    c: AsyncConnection, alert_id: str, *, site_id: str | None = None
) -> Evidence | None:
    """
    The frames behind an alert that is there, from its own sensor.

    Args:
        site_id: only if the alert is of that site.
    """
    query = (
        sa.select(_columns.pcapng, _columns.digest)
        .join(
            alerts,
            (alerts.c.id == _columns.alert_id)
            & (alerts.c.sensor_id == _columns.sensor_id),
        )
        .where(_columns.alert_id == alert_id)
    )
    if site_id is not None:
        query = query.where(alerts.c.site_id == site_id)
    row = (await c.execute(query)).first()
    return None if row is None else Evidence(bytes(row.pcapng), row.digest)
