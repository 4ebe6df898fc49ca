"""
Incidents as rows.  What belongs together is decided elsewhere; `Story` is what is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.core.alert_status import RESOLUTIONS
from sentinel_netlab.store.tables import alerts, incidents
from sentinel_netlab.store.upserts import insert_for

_columns = incidents.c
MOST_NEAR = 500


@dataclass(frozen=True, slots=True)
class Story:
    """
    An incident as it is stored.

    Attributes:
        subjects: lists of hexadecimal texts: bssids, stations, transmitters, ssids.
    """

    id: str
    title: str
    severity: str
    status: str
    first_seen: datetime
    last_seen: datetime
    alerts: int
    subjects: dict[str, list[str]]


async def incidents_near(
    c: AsyncConnection,
    site_id: str | None,
    *,
    ids: Sequence[str],
    between: tuple[datetime, datetime],
    reach: timedelta,
) -> list[Story]:
    """The incidents of *ids*, and the newest of a site not further off than *reach*."""
    first, last = between
    near = (
        _columns.site_id.is_not_distinct_from(site_id)
        & (_columns.last_seen >= first - reach)
        & (_columns.first_seen <= last + reach)
    )
    order = (_columns.last_seen.desc(), _columns.id)
    query = sa.select(incidents).order_by(*order)
    found = list((await c.execute(query.where(near).limit(MOST_NEAR))).mappings())
    missing = set(ids) - {row["id"] for row in found}
    if missing:
        own = query.where(_columns.id.in_(missing))
        found += (await c.execute(own)).mappings()
    return [_story(row) for row in found]


def _story(row: sa.RowMapping) -> Story:
    names = ("id", "title", "severity", "status", "first_seen", "last_seen", "alerts")
    return Story(**{name: row[name] for name in names}, subjects=row["subjects"])


async def save_incidents(
    c: AsyncConnection, site_id: str | None, stories: Iterable[Story]
) -> None:
    """Write *stories* of a site, new ones and known ones."""
    rows = [
        {
            "id": one.id,
            "site_id": site_id,
            "title": one.title,
            "severity": one.severity,
            "status": one.status,
            "first_seen": one.first_seen,
            "last_seen": one.last_seen,
            "alerts": one.alerts,
            "subjects": one.subjects,
        }
        for one in sorted(stories, key=lambda one: one.id)
    ]
    if not rows:
        return
    statement = insert_for(c, incidents)
    changing = [name for name in rows[0] if name not in ("id", "site_id")]
    values = {name: statement.excluded[name] for name in changing}
    await c.execute(
        statement.on_conflict_do_update(index_elements=[_columns.id], set_=values),
        rows,
    )


async def close_quiet_incidents(
    c: AsyncConnection, quiet_since: datetime, limit: int = 500
) -> list[str]:
    """Close incidents quiet since then with no open alert; the ids of them."""
    still_open = sa.exists().where(
        alerts.c.incident_id == _columns.id,
        alerts.c.closed.is_(sa.false()),
        alerts.c.status.not_in(RESOLUTIONS),
    )
    quiet = (
        sa.select(_columns.id)
        .where(_columns.status == "open", _columns.last_seen < quiet_since, ~still_open)
        .limit(limit)
    )
    if c.dialect.name == "postgresql":
        quiet = quiet.with_for_update(skip_locked=True)
    done = await c.execute(
        sa.update(incidents)
        .where(_columns.id.in_(quiet))
        .values(status="closed")
        .returning(_columns.id)
    )
    return sorted(done.scalars())
