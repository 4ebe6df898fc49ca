"""Rows for lists, and whole lists by turning their pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.support.app import Lab, on_app
from tests.support.batches import NOW, SENSOR, SITE
from tests.support.people import bearer

from sentinel_netlab.controller.api.alerts import AlertRoutes
from sentinel_netlab.controller.api.incidents import IncidentRoutes
from sentinel_netlab.controller.api.networks import NetworkRoutes
from sentinel_netlab.controller.api.stations import StationRoutes
from sentinel_netlab.controller.api.telemetry import TelemetryOut
from sentinel_netlab.store.tables import alerts, incidents, sites

OTHER_SITE = "branch"
MANY = {"address_burst": 1_000_000, "credential_burst": 1_000_000}
"""Settings under which nobody asks too often."""
LISTS = (TelemetryOut, NetworkRoutes, StationRoutes, AlertRoutes, IncidentRoutes)
Answer = tuple[int, Any]


def at(seconds: float) -> Any:
    """That much later than `NOW`."""
    return NOW + timedelta(seconds=seconds)


def alert_row(name: str, **values: Any) -> dict[str, Any]:
    """An alert of the id *name*, filled up with zeros."""
    return {
        "id": name.rjust(32, "0"),
        "sensor_id": SENSOR,
        "site_id": SITE,
        "created_at": NOW,
        "alert_type": "deauth_flood",
        "code": "WD101",
        "severity": "high",
        "title": "Deauthentication flood",
        "description": "64 frames",
        "status": "open",
        "count": 64,
        "first_seen": NOW,
        "raised_at": NOW,
        "last_seen": NOW,
        "closed": False,
        **values,
    }


def incident_row(name: str, **values: Any) -> dict[str, Any]:
    """An incident of the id *name*, filled up with zeros."""
    return {
        "id": name.rjust(32, "0"),
        "site_id": SITE,
        "title": "Deauthentication flood",
        "severity": "high",
        "status": "open",
        "first_seen": NOW,
        "last_seen": NOW,
        "alerts": 1,
        "subjects": {"bssids": ["020000000001"]},
        **values,
    }


async def put_rows(
    c: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Rows that may differ in the columns that they name."""
    for row in rows:
        await c.execute(sa.insert(table).values(**row))


async def put_alerts(c: AsyncConnection, *rows: Mapping[str, Any]) -> None:
    """Alerts of `alert_row`."""
    await put_rows(c, alerts, rows)


async def put_incidents(c: AsyncConnection, *rows: Mapping[str, Any]) -> None:
    """Incidents of `incident_row`."""
    await put_rows(c, incidents, rows)


async def put_other_site(c: AsyncConnection) -> None:
    """A second site."""
    await put_rows(c, sites, [{"id": OTHER_SITE, "name": "B", "created_at": NOW}])


def answers(
    url: str,
    fill: Callable[[AsyncConnection], Awaitable[None]],
    *paths: str,
    role: str = "viewer",
    site: str | None = None,
) -> list[Answer]:
    """Status and body that somebody gets for *paths*, after *fill*."""

    async def ask(lab: Lab) -> list[Answer]:
        async with lab.engine.begin() as c:
            await fill(c)
        headers = await bearer(lab, role, site)
        found = [
            await lab.http.get(f"/api/v1{path}", headers=headers) for path in paths
        ]
        return [(one.status_code, one.json()) for one in found]

    return on_app(url, ask, routes=LISTS)


async def turn_pages(
    lab: Lab,
    path: str,
    headers: Mapping[str, str],
    between: Callable[[], Awaitable[None]] | None = None,
) -> list[Any]:
    """Every item of a list, in its order; *between* two pages something happens."""
    items: list[Any] = []
    joint = "&" if "?" in path else "?"
    cursor = ""
    while True:
        answer = await lab.http.get(f"{path}{cursor}", headers=headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        if page["next"] is None:
            return items
        assert page["items"]
        if between is not None:
            await between()
        cursor = f"{joint}cursor={page['next']}"
