"""
``POST /api/v1/alerts/{id}/acknowledge|resolve|reopen|assign|note``: what people do.

Each is one transaction: the alert is locked, changed, told of to screens, and written
into the audit log.  Of two people at once the second sees what the first made of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
from litestar import Controller, Request, post
from litestar.params import JSONBody
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.controller.api.alerts import (
    AlertDetail,
    AlertId,
    alert_detail,
    alert_out,
)
from sentinel_netlab.controller.api.changes import author_of
from sentinel_netlab.controller.api.filters import not_found, site_for
from sentinel_netlab.controller.api.paging import known_parameters
from sentinel_netlab.controller.auth import person_of
from sentinel_netlab.controller.problems import Problem
from sentinel_netlab.controller.services import services_of
from sentinel_netlab.core.alert_status import Action, Resolution, status_after
from sentinel_netlab.store import alert_actions, audit
from sentinel_netlab.store.events import emit
from sentinel_netlab.store.reading.alerts import find_alert

ACT = {"role": "analyst", "sites": True}
MAX_NOTE_CHARS = 4_000
AnyRequest = Request[Any, Any, Any]
Work = Callable[[AsyncConnection, sa.RowMapping], Awaitable[sa.RowMapping]]


class ResolutionWord(StrEnum):
    """How it ended."""

    RESOLVED = "resolved"
    FALSE_POSITIVE = "false_positive"


class Resolve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an alert is settled."""

    resolution: ResolutionWord


class Assign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose alert it is: a user's, or that of a working token; null: nobody's."""

    assignee: Annotated[str, Meta(min_length=1, max_length=64)] | None


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people say of an alert; it takes the place of what they said before."""

    note: Annotated[str, Meta(max_length=MAX_NOTE_CHARS)] | None


class AlertActionRoutes(Controller):
    """What is done about alerts."""

    path = "/api/v1/alerts/{alert_id:str}"
    guards = (known_parameters,)
    opt = ACT
    tags = ("alerts",)

    @post("/acknowledge", status_code=200, summary="Acknowledge an alert")
    async def acknowledge(
        self, request: AnyRequest, *, alert_id: AlertId
    ) -> AlertDetail:
        """Somebody looks at it. 409 ``wrong_status``: it is not open."""
        return await _move(request, alert_id, "acknowledge")

    @post("/resolve", status_code=200, summary="Resolve an alert")
    async def resolve(
        self, request: AnyRequest, *, alert_id: AlertId, data: JSONBody[Resolve]
    ) -> AlertDetail:
        """
        It is settled, and stays so: what a sensor still says of it does not reopen it.

        409 ``wrong_status``: it is settled already.
        """
        return await _move(request, alert_id, "resolve", data.resolution.value)

    @post("/reopen", status_code=200, summary="Reopen an alert")
    async def reopen(self, request: AnyRequest, *, alert_id: AlertId) -> AlertDetail:
        """It is as new. 409 ``wrong_status``: it is open."""
        return await _move(request, alert_id, "reopen")

    @post("/assign", status_code=200, summary="Assign an alert")
    async def assign(
        self, request: AnyRequest, *, alert_id: AlertId, data: JSONBody[Assign]
    ) -> AlertDetail:
        """It is somebody's to look at. 422 ``unknown_person``: nobody's name."""
        name = data.assignee
        now = services_of(request).clock()

        async def work(c: AsyncConnection, row: sa.RowMapping) -> sa.RowMapping:
            if name is not None:
                await _check_person(c, name, now)
            return await alert_actions.change(c, row["id"], {"assignee": name})

        return await _act(request, alert_id, "assign", work, {"assignee": name})

    @post("/note", status_code=200, summary="Note something of an alert")
    async def note(
        self, request: AnyRequest, *, alert_id: AlertId, data: JSONBody[Note]
    ) -> AlertDetail:
        """The one note of the alert; the audit log keeps those before."""
        text = data.note or None
        if text is not None and not text.translate(_LINES).isprintable():
            raise Problem(400, "invalid", "Invalid Request", "note: not printable")

        async def work(c: AsyncConnection, row: sa.RowMapping) -> sa.RowMapping:
            return await alert_actions.change(c, row["id"], {"note": text})

        return await _act(request, alert_id, "note", work, {"note": text})


_LINES = str.maketrans("", "", "\n\t")
_TOLD = {
    "acknowledge": "acknowledged",
    "resolve": "resolved",
    "reopen": "reopened",
    "assign": "assigned",
    "note": "noted",
}
"""`change` of the event that screens get, by action."""


async def _move(
    request: AnyRequest,
    alert_id: str,
    action: Action,
    resolution: Resolution = "resolved",
) -> AlertDetail:
    """Change the status."""
    by, now = person_of(request).name, services_of(request).clock()
    details = {"resolution": resolution} if action == "resolve" else {}

    async def work(c: AsyncConnection, row: sa.RowMapping) -> sa.RowMapping:
        status = status_after(row["status"], action, resolution)
        if status is None:
            detail = f"cannot {action}: the alert is {row['status']}"
            raise Problem(409, "wrong_status", "Wrong Status", detail)
        return await alert_actions.set_status(c, row["id"], status, by=by, now=now)

    return await _act(request, alert_id, action, work, details)


async def _act(
    request: AnyRequest,
    alert_id: str,
    action: str,
    work: Work,
    details: Mapping[str, Any],
) -> AlertDetail:
    """Do *work* to an alert that they may see, tell screens, write it down."""
    services, author = services_of(request), author_of(request)
    now = services.clock()
    async with services.engine.begin() as c:
        before = await find_alert(c, alert_id, site_for(request, None), lock=True)
        if before is None:
            raise not_found("alert")
        after = await work(c, before)
        facts = msgspec.to_builtins(alert_out(after))
        await emit(c, "alert", alert_id, {"change": _TOLD[action], **facts}, now)
        await audit.record(
            c,
            event_type="alert",
            actor=author.name,
            action=action,
            resource=alert_id,
            details={"was": before["status"], **details},
            ip_address=author.ip_address,
            now=now,
        )
    return alert_detail(after)


async def _check_person(c: AsyncConnection, name: str, now: datetime) -> None:
    known = name.isprintable() and await alert_actions.can_be_assigned(c, name, now)
    if not known:
        raise Problem(
            422, "unknown_person", "Unknown Person", "assignee: nobody's name"
        )
