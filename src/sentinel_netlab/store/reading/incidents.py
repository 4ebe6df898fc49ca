"""
Incidents as people ask for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.store.reading.keyset import Order, ordered
from sentinel_netlab.store.reading.severities import at_least, by_severity
from sentinel_netlab.store.tables import incidents

_columns = incidents.c


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """
    Which incidents; None: any.

    Attributes:
        severity: this or worse.
        since, until: when last seen, *until* not included.
    """

    site: str | None = None
    status: str | None = None
    severity: Severity | None = None
    since: datetime | None = None
    until: datetime | None = None


def incident_order(sort: str, *, descending: bool) -> Order:
    """By ``severity``, ``last_seen`` or ``first_seen``; ties by id."""
    if sort == "severity":
        keys = (_columns.severity, _columns.last_seen, _columns.id)
        return by_severity(*keys, descending=descending)
    return ordered(_columns[sort], _columns.id, descending=descending)


def incident_list(wanted: IncidentFilter) -> sa.Select[Any]:
    """Incidents; not what ties them together, which may be large."""
    names = [column for column in _columns if column.name != "subjects"]
    query = sa.select(*names)
    if wanted.site is not None:
        query = query.where(_columns.site_id == wanted.site)
    if wanted.status is not None:
        query = query.where(_columns.status == wanted.status)
    if wanted.severity is not None:
        query = query.where(at_least(_columns.severity, wanted.severity))
    if wanted.since is not None:
        query = query.where(_columns.last_seen >= wanted.since)
    if wanted.until is not None:
        query = query.where(_columns.last_seen < wanted.until)
    return query


async def find_incident(
    c: AsyncConnection, incident_id: str, site: str | None
) -> sa.RowMapping | None:
    """The whole incident; None: there is none, or not at *site* (None: any)."""
    query = sa.select(incidents).where(_columns.id == incident_id)
    if site is not None:
        query = query.where(_columns.site_id == site)
    return (await c.execute(query)).mappings().first()
