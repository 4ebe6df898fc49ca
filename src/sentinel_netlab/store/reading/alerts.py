"""
Alerts as people ask for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.store.reading.keyset import Order, ordered_nulls_last
from sentinel_netlab.store.reading.severities import at_least, by_severity
from sentinel_netlab.store.tables import alerts

SORTS = {"last_seen": "last_seen", "first_seen": "first_seen", "risk": "risk_score"}
"""Columns to sort by; by severity besides."""
_columns = alerts.c
_LARGE = ("evidence", "frames", "version")
_SUMMARY = [column for column in _columns if column.name not in _LARGE]
_TEXTS = (_columns.title, _columns.description, _columns.ssid_text, _columns.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """
    Which alerts; None or empty: any.

    Attributes:
        severity: this or worse.
        text: part of title, description, SSID as displayed, or note, in any case.
        since, until: when last seen, *until* not included.
    """

    statuses: Sequence[str] = ()
    severity: Severity | None = None
    codes: Sequence[str] = ()
    sensor: str | None = None
    site: str | None = None
    bssid: int | None = None
    station: int | None = None
    incident: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None


def alert_order(sort: str, *, descending: bool) -> Order:
    """By severity, or by one of `SORTS`; ties by id."""
    if sort == "severity":
        keys = (_columns.severity, _columns.last_seen, _columns.id)
        return by_severity(*keys, descending=descending)
    return ordered_nulls_last(_columns[SORTS[sort]], _columns.id, descending=descending)


def alert_list(wanted: AlertFilter) -> sa.Select[Any]:
    """Alerts without what may be large: evidence and numbers of frames."""
    query = sa.select(*_SUMMARY)
    if wanted.statuses:
        query = query.where(_columns.status.in_(wanted.statuses))
    if wanted.codes:
        query = query.where(_columns.code.in_(wanted.codes))
    if wanted.severity is not None:
        query = query.where(at_least(_columns.severity, wanted.severity))
    if wanted.since is not None:
        query = query.where(_columns.last_seen >= wanted.since)
    if wanted.until is not None:
        query = query.where(_columns.last_seen < wanted.until)
    if wanted.text is not None:
        matches = [text.icontains(wanted.text, autoescape=True) for text in _TEXTS]
        query = query.where(sa.or_(*matches))
    return query.where(*_equal(wanted))


def _equal(wanted: AlertFilter) -> list[sa.ColumnElement[bool]]:
    pairs = (
        (_columns.sensor_id, wanted.sensor),
        (_columns.site_id, wanted.site),
        (_columns.bssid, wanted.bssid),
        (_columns.station, wanted.station),
        (_columns.incident_id, wanted.incident),
    )
    return [column == value for column, value in pairs if value is not None]


async def find_alert(
    c: AsyncConnection, alert_id: str, site: str | None, *, lock: bool = False
) -> sa.RowMapping | None:
    """
    The whole alert; None: there is none, or not at *site* (None: any).

    Args:
        lock: nobody else changes it until our transaction ends.
    """
    query = sa.select(alerts).where(_columns.id == alert_id)
    if site is not None:
        query = query.where(_columns.site_id == site)
    if lock:
        query = query.with_for_update()
    return (await c.execute(query)).mappings().first()
