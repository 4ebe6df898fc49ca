"""
``/api/v1/audit``: who did what.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get
from litestar.params import FromQuery, QueryParameter

from sentinel_netlab.controller.api.filters import Direction, same
from sentinel_netlab.controller.api.paging import (
    DEFAULT_LIMIT,
    Cursor,
    Limit,
    Page,
    Time,
    known_parameters,
    read_page,
    time_of,
)
from sentinel_netlab.store.audit import AuditFilter, audit_order, select_audit

Word = Annotated[str | None, QueryParameter(min_length=1, max_length=256)]


class AuditOut(msgspec.Struct, frozen=True, kw_only=True):
    """
    What somebody did.

    Attributes:
        position: in the chain; null: written by an older version, before the chain.
        event_type: the noun: token, user, alert, sensor, site …
        resource: the id of what it was done to.
        hash: SHA-256 over `previous_hash` and this row.
    """

    id: int
    position: int | None
    timestamp: datetime | None
    event_type: str
    actor: str | None
    action: str | None
    resource: str | None
    details: Any
    ip_address: str | None
    previous_hash: str | None
    hash: str | None


class AuditPage(Page[AuditOut], frozen=True):
    """Rows of the audit log."""


class AuditRoutes(Controller):
    """The audit log, for those who rule over all sites."""

    path = "/api/v1/audit"
    opt = {"role": "admin"}  # noqa: RUF012  # the framework's way
    guards = (known_parameters,)
    tags = ("people",)

    @get("/", summary="List what was done")
    async def list_audit(
        self,
        request: Request[Any, Any, Any],
        *,
        event_type: Word = None,
        actor: Word = None,
        action: Word = None,
        resource: Word = None,
        since: Time = None,
        until: Time = None,
        order: FromQuery[Direction] = Direction.DESC,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> AuditPage:
        """Rows by id, the newest first."""
        wanted = AuditFilter(
            event_type=event_type,
            actor=actor,
            action=action,
            resource=resource,
            since=time_of("since", since),
            until=time_of("until", until),
        )
        by = audit_order(descending=order == Direction.DESC)
        query = select_audit(wanted)
        found = await read_page(request, query, by, limit=limit, cursor=cursor)
        items = [AuditOut(**same(row, *_FIELDS)) for row in found.rows]
        return AuditPage(items=items, next=found.next)


_FIELDS = AuditOut.__struct_fields__
