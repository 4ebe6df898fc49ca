"""
Forgetting, in batches that hold no lock for long.

Ages are by the server's clock: what a sensor with a wrong clock sent is kept as long as
the rest.  Adopted rows stay until somebody asks for them by name; nothing here touches
the audit log.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.store.events import purge_events
from sentinel_netlab.store.queue import purge_done
from sentinel_netlab.store.signers import purge_nonces
from sentinel_netlab.store.tables import (
    alerts,
    evidence,
    incidents,
    ingest_jobs,
    notices,
    telemetry,
)

BATCH_ROWS = 5_000
ORPHAN_HOURS = 24
NOTICE_DAYS = 7
Purge = Callable[[AsyncConnection, datetime, int], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Ages:
    """How long things are kept, in days since they were received."""

    telemetry_days: int = 30
    alerts_days: int = 365
    events_days: int = 7
    keys_days: int = 90


def purges(ages: Ages, *, include_adopted: bool = False) -> dict[str, Purge]:
    """What there is to forget, by table; each gives how many rows it took away."""

    def before(days: float, purge: Purge) -> Purge:
        async def run(c: AsyncConnection, now: datetime, limit: int) -> int:
            return await purge(c, now - timedelta(days=days), limit)

        return run

    def old_telemetry(c: AsyncConnection, old: datetime, limit: int) -> Awaitable[int]:
        return _purge_telemetry(c, old, limit, adopted=include_adopted)

    def old_alerts(c: AsyncConnection, old: datetime, limit: int) -> Awaitable[int]:
        return _purge_alerts(c, old, limit, adopted=include_adopted)

    found = {
        "telemetry": before(ages.telemetry_days, old_telemetry),
        "alerts": before(ages.alerts_days, old_alerts),
        "incidents": before(ages.alerts_days, _purge_incidents),
        "evidence": before(ORPHAN_HOURS / 24, _purge_evidence),
        "ingest_jobs": before(ages.keys_days, purge_done),
        "sensor_nonces": purge_nonces,
        "events": before(ages.events_days, purge_events),
        "notices": before(NOTICE_DAYS, _purge_notices),
    }
    if include_adopted:
        found["ingest_jobs, adopted"] = before(ages.keys_days, _purge_adopted_jobs)
    return found


async def _purge_telemetry(
    c: AsyncConnection, old: datetime, limit: int, *, adopted: bool
) -> int:
    columns = telemetry.c
    received = sa.func.coalesce(columns.ingested_at, columns.timestamp)
    # What claims to come from the future is old when it was received long ago.
    far = sa.literal(old + timedelta(days=365), columns.timestamp.type)
    when = ((columns.timestamp < old) | (columns.timestamp > far)) & (received < old)
    chosen = sa.select(columns.timestamp, columns.id).where(
        when, _of(telemetry, adopted=adopted)
    )
    return await _delete(c, telemetry, chosen.limit(limit))


def _of(table: sa.Table, *, adopted: bool) -> sa.ColumnElement[bool]:
    """Rows of *table* that may be touched."""
    return sa.true() if adopted else table.c.adopted.is_(sa.false())


async def _purge_alerts(
    c: AsyncConnection, old: datetime, limit: int, *, adopted: bool
) -> int:
    columns = alerts.c
    seen = sa.func.coalesce(columns.last_seen, columns.created_at)
    far = sa.literal(old + timedelta(days=730), columns.last_seen.type)
    chosen = sa.select(columns.id).where(
        columns.created_at < old,
        (seen < old) | (seen > far),
        _of(alerts, adopted=adopted),
    )
    return await _delete(c, alerts, chosen.limit(limit))


async def _purge_incidents(c: AsyncConnection, old: datetime, limit: int) -> int:
    columns = incidents.c
    used = sa.exists().where(alerts.c.incident_id == columns.id)
    chosen = sa.select(columns.id).where(columns.last_seen < old, ~used)
    return await _delete(c, incidents, chosen.limit(limit))


async def _purge_evidence(c: AsyncConnection, old: datetime, limit: int) -> int:
    """Frames whose alert never came, or is another sensor's, or is forgotten."""
    columns = evidence.c
    used = sa.exists().where(
        alerts.c.id == columns.alert_id, alerts.c.sensor_id == columns.sensor_id
    )
    chosen = sa.select(columns.alert_id).where(columns.received_at < old, ~used)
    return await _delete(c, evidence, chosen.limit(limit))


async def _purge_notices(c: AsyncConnection, old: datetime, limit: int) -> int:
    """Those that were said, and those that nobody could say."""
    columns = notices.c
    chosen = sa.select(columns.id).where(columns.created_at < old)
    return await _delete(c, notices, chosen.limit(limit))


async def _purge_adopted_jobs(c: AsyncConnection, old: datetime, limit: int) -> int:
    columns = ingest_jobs.c
    chosen = sa.select(columns.job_id).where(
        columns.received_at < old, columns.adopted.is_(sa.true())
    )
    return await _delete(c, ingest_jobs, chosen.limit(limit))


async def _delete(c: AsyncConnection, table: sa.Table, chosen: sa.Select[Any]) -> int:
    key = list(chosen.selected_columns)
    if len(key) == 1:
        statement = sa.delete(table).where(table.c[key[0].name].in_(chosen))
    else:
        columns = sa.tuple_(*(table.c[one.name] for one in key))
        statement = sa.delete(table).where(columns.in_(chosen))
    return (await c.execute(statement)).rowcount
