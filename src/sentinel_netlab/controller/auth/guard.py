"""
The one guard on the application: every route says who may, and nobody else may.

``opt["role"]`` of a handler (or of its controller) is ``public``, ``sensor`` (what it
signs is checked by `controller.ingest.signed`), or the least role of people.  A route
that names none is closed.  Who is bound to one site gets into routes that say
``opt["sites"] = True``: those that look at `Person.site_id`.

In this order: limit of the address, form of the header, check sum, failures of the
address, the token itself, its limit, its role.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from sqlalchemy.ext.asyncio import AsyncEngine

from sentinel_netlab.controller.asgi import state_of
from sentinel_netlab.controller.auth.person import Person, remember
from sentinel_netlab.controller.limits import address_key
from sentinel_netlab.controller.problems import Problem
from sentinel_netlab.controller.services import Services, services_of
from sentinel_netlab.core.roles import may
from sentinel_netlab.store.engine import reading
from sentinel_netlab.store.tokens import (
    Presented,
    Token,
    note_use,
    open_with,
    use_is_due,
)

PUBLIC, SENSOR = "public", "sensor"
Connection = ASGIConnection[Any, Any, Any, Any]
_NOBODY = "Authentication Required"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="sentinel"'}
_INVALID = {"WWW-Authenticate": 'Bearer realm="sentinel", error="invalid_token"'}


async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """
    Let in who may, and put a `Person` where `person_of` finds them.

    Raises:
        Problem: 401 nobody we know, 403 not theirs, 429 too often.
    """
    needed = needed_role(handler)
    if needed in (PUBLIC, SENSOR):
        return
    services, address = services_of(connection), _address(connection)
    person = None
    try:
        _bound(services.ingest.address_limit.take(address_key(address)))
        person = await _authenticate(connection, services, address_key(address))
        _authorize(person, needed, sites=knows_sites(handler))
    except Problem as problem:
        _log(connection, address, person, problem.code)
        raise
    _log(connection, address, person, None)
    remember(connection, person)


async def _authenticate(
    connection: Connection, services: Services, address: str
) -> Person:
    access, now = services.access, services.clock()
    text = bearer_token(connection.scope["headers"])
    _bound(access.failures.wait_s(address))
    presented = Presented.parse(text)
    token = await _find(services.engine, presented) if presented else None
    reason = "unknown" if token is None else token.refusal(now)
    if token is None or reason is not None:
        access.failures.take(address)
        raise _refused(reason)
    _bound(access.credentials.take(token.token_id))
    await _note_use(services.engine, token, now)
    return Person(
        name=token.name or token.token_id,
        role=token.role,
        site_id=token.site_id,
        token_id=token.token_id,
        expires_at=token.expires_at or now,
    )


def bearer_token(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """
    What the one `Authorization` header shows.

    Raises:
        Problem: there is none, or it is no bearer token.
    """
    lines = [value for name, value in headers if name.lower() == b"authorization"]
    if not lines:
        raise Problem(401, "unauthenticated", _NOBODY, headers=_CHALLENGE)
    scheme, _, text = lines[0].strip().partition(b" ")
    if len(lines) > 1 or scheme.lower() != b"bearer":
        detail = "one Authorization header with a bearer token is needed"
        raise Problem(401, "unauthenticated", _NOBODY, detail, _CHALLENGE)
    return text.strip().decode("latin-1")


def needed_role(handler: BaseRouteHandler) -> str | None:
    """Who may use *handler*; None: nobody, for it does not say."""
    role = handler.opt.get("role")
    if _is_options(handler) and role != PUBLIC:
        return "viewer"
    return role if isinstance(role, str) else None


def knows_sites(handler: BaseRouteHandler) -> bool:
    """Whether *handler* shows to a person of one site nothing of the others."""
    return bool(handler.opt.get("sites")) or _is_options(handler)


def _is_options(handler: BaseRouteHandler) -> bool:
    """Whether it is the framework's own, which says what methods there are."""
    return set(getattr(handler, "http_methods", ())) == {"OPTIONS"}


def _authorize(person: Person, needed: str | None, *, sites: bool) -> None:
    if needed is None or not may(person.role, needed):
        raise Problem(403, "forbidden")
    if person.site_id is not None and not sites:
        raise Problem(403, "site_scoped", "Forbidden", "this token sees one site only")


async def _find(engine: AsyncEngine, presented: Presented) -> Token | None:
    async with reading(engine).connect() as c:
        return await open_with(c, presented)


async def _note_use(engine: AsyncEngine, token: Token, now: datetime) -> None:
    if use_is_due(token, now):
        async with engine.begin() as c:
            await note_use(c, token, now)


def _refused(reason: str | None) -> Problem:
    # What is wrong with a token is told only to who has the secret of it.
    if reason == "revoked":
        return Problem(401, "token_revoked", "Token Revoked", headers=_INVALID)
    if reason == "expired":
        return Problem(401, "token_expired", "Token Expired", headers=_INVALID)
    return Problem(401, "token_invalid", "Token Invalid", headers=_INVALID)


def _bound(wait_s: float) -> None:
    if wait_s:
        after = {"Retry-After": str(max(1, math.ceil(wait_s)))}
        raise Problem(429, "rate_limited", "Rate Limited", headers=after)


def _address(connection: Connection) -> str | None:
    client = state_of(connection.scope).get("client")  # type: ignore[arg-type]  # a TypedDict
    return None if client is None else client.address


def _log(
    connection: Connection, address: str | None, person: Person | None, code: str | None
) -> None:
    """One line for each attempt, and its count; the token itself never."""
    services = services_of(connection)
    services.metrics.authentications.labels(code or "success").inc()
    log = services.log
    tell = log.info if code is None else log.warning
    tell(
        "Authentication",
        outcome="failure" if code else "success",
        code=code,
        ip=address,
        person=person.name if person else None,
        token_id=person.token_id if person else None,
        request_id=state_of(connection.scope).get("request_id"),  # type: ignore[arg-type]  # a TypedDict
    )
