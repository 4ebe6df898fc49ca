"""
``/api/v1/incidents``: alerts of one or several sensors that tell one story.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get
from litestar.params import FromQuery, PathParameter

from sentinel_netlab.controller.api.alerts import AlertOut, MinSeverity, alert_out
from sentinel_netlab.controller.api.filters import (
    READ,
    Direction,
    Name,
    not_found,
    same,
    site_for,
)
from sentinel_netlab.controller.api.paging import (
    DEFAULT_LIMIT,
    Cursor,
    Limit,
    Page,
    Time,
    fetch_page,
    known_parameters,
    read_page,
    time_of,
)
from sentinel_netlab.controller.services import services_of
from sentinel_netlab.store.engine import reading
from sentinel_netlab.store.reading.alerts import AlertFilter, alert_list, alert_order
from sentinel_netlab.store.reading.incidents import (
    IncidentFilter,
    find_incident,
    incident_list,
    incident_order,
)

IncidentId = Annotated[str, PathParameter(pattern="^[0-9a-f]{1,32}$")]


class IncidentStatus(StrEnum):
    """Whether it goes on."""

    OPEN = "open"
    CLOSED = "closed"


class IncidentSort(StrEnum):
    """What incidents are listed by."""

    LAST_SEEN = "last_seen"
    FIRST_SEEN = "first_seen"
    SEVERITY = "severity"


class IncidentOut(msgspec.Struct, frozen=True, kw_only=True):
    """
    An incident.

    Attributes:
        severity: the worst of its alerts.
        alerts: how many belong to it.
    """

    id: str
    site_id: str | None
    title: str
    severity: str
    status: str
    first_seen: datetime
    last_seen: datetime
    alerts: int


class IncidentDetail(IncidentOut, frozen=True, kw_only=True):
    """
    An incident with its alerts.

    Attributes:
        subjects: addresses and SSIDs that tie the alerts together, in hexadecimal.
        items: a page of its alerts, the last heard first; next: cursor of the next.
    """

    subjects: dict[str, list[str]]
    items: list[AlertOut]
    next: str | None


class IncidentPage(Page[IncidentOut], frozen=True):
    """Incidents."""


class IncidentRoutes(Controller):
    """Incidents to read."""

    path = "/api/v1/incidents"
    guards = (known_parameters,)
    tags = ("incidents",)

    @get("/", opt=READ, summary="List incidents")
    async def list_incidents(
        self,
        request: Request[Any, Any, Any],
        *,
        site: Name = None,
        status: FromQuery[IncidentStatus | None] = None,
        severity: MinSeverity = None,
        since: Time = None,
        until: Time = None,
        sort: FromQuery[IncidentSort] = IncidentSort.LAST_SEEN,
        order: FromQuery[Direction] = Direction.DESC,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> IncidentPage:
        """Incidents; times are of `last_seen`."""
        wanted = IncidentFilter(
            site=site_for(request, site),
            status=None if status is None else status.value,
            severity=None if severity is None else severity.rank,
            since=time_of("since", since),
            until=time_of("until", until),
        )
        by = incident_order(sort.value, descending=order == Direction.DESC)
        query = incident_list(wanted)
        found = await read_page(request, query, by, limit=limit, cursor=cursor)
        items = [IncidentOut(**same(row, *_FIELDS)) for row in found.rows]
        return IncidentPage(items=items, next=found.next)

    @get("/{incident_id:str}", opt=READ, summary="Show an incident")
    async def show_incident(
        self,
        request: Request[Any, Any, Any],
        *,
        incident_id: IncidentId,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> IncidentDetail:
        """An incident with its alerts, page by page."""
        query = alert_list(AlertFilter(incident=incident_id))
        by = alert_order("last_seen", descending=True)
        async with reading(services_of(request).engine).connect() as c:
            row = await find_incident(c, incident_id, site_for(request, None))
            if row is None:
                raise not_found("incident")
            found = await fetch_page(c, request, query, by, limit=limit, cursor=cursor)
        return IncidentDetail(
            **same(row, *_FIELDS),
            subjects=row["subjects"],
            items=[alert_out(one) for one in found.rows],
            next=found.next,
        )


_FIELDS = IncidentOut.__struct_fields__
