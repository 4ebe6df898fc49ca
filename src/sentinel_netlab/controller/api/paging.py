"""
Lists page by page, and parameters that are what they seem.

A list answers ``{"items": [...], "next": "..."}``; ``?cursor=`` with *next* gives the
page behind it, until *next* is null.  A cursor is signed and fits only the path and the
filters that it was made for; *limit* may change between pages.

A route of a list takes ``limit: Limit = DEFAULT_LIMIT`` and ``cursor: Cursor = None``
beside its filters (``FromQuery[…]``), guards itself by `known_parameters`, and answers
a subclass of `Page`.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import parse_qsl

import msgspec
import sqlalchemy as sa
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.controller.problems import Problem
from sentinel_netlab.controller.services import services_of
from sentinel_netlab.store.engine import reading
from sentinel_netlab.store.reading.keyset import Order, Place, fetch

T = TypeVar("T")
Connection = ASGIConnection[Any, Any, Any, Any]
DEFAULT_LIMIT = 100
MAX_LIMIT = 500
_MAC_BYTES = 16
_PAGING = ("limit", "cursor")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Limit = Annotated[
    int, QueryParameter(ge=1, le=MAX_LIMIT, description="Items on a page, at most.")
]
Cursor = Annotated[
    str | None,
    QueryParameter(description="`next` of the page before.", max_length=2_000),
]
Time = Annotated[
    str | None,
    QueryParameter(
        description="RFC 3339 with an offset, as `2026-03-01T12:00:00Z`.",
        schema_extra={"format": "date-time"},
    ),
]


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """
    A part of a list.

    Attributes:
        next: cursor of the page behind this one; null: there is none.
    """

    items: list[T]
    next: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of a page, and the cursor of the next."""

    rows: list[sa.RowMapping]
    next: str | None


async def fetch_page(
    c: AsyncConnection,
    connection: Connection,
    query: sa.Select[Any],
    order: Order,
    *,
    limit: int,
    cursor: str | None,
) -> Found:
    """
    The page of *query* behind *cursor*, for the list that a request asks for.

    Raises:
        Problem: 400 ``bad_cursor``.
    """
    after = None if cursor is None else open_cursor(connection, cursor)
    page = await fetch(c, query, order, after, limit)
    end = None if page.end is None else make_cursor(connection, page.end)
    return Found(page.rows, end)


async def read_page(
    connection: Connection,
    query: sa.Select[Any],
    order: Order,
    *,
    limit: int,
    cursor: str | None,
) -> Found:
    """As `fetch_page`, by a connection that only reads."""
    async with reading(services_of(connection).engine).connect() as c:
        return await fetch_page(c, connection, query, order, limit=limit, cursor=cursor)


def make_cursor(connection: Connection, place: Place) -> str:
    """*place* in the list that a request asks for, signed."""
    body = msgspec.msgpack.encode([place.section, list(place.values)])
    signed = _mac(connection, body) + body
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()


def open_cursor(connection: Connection, text: str) -> Place:
    """
    The place that *text* names.

    Raises:
        Problem: 400 ``bad_cursor``: we did not make it, or for another list.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        signed = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise _bad_cursor() from None
    body = signed[_MAC_BYTES:]
    if not hmac.compare_digest(signed[:_MAC_BYTES], _mac(connection, body)):
        raise _bad_cursor()
    section, values = msgspec.msgpack.decode(body)
    return Place(section, tuple(values))


def _bad_cursor() -> Problem:
    return Problem(
        400, "bad_cursor", "Bad Cursor", "begin again, or use it with the same filters"
    )


def _mac(connection: Connection, body: bytes) -> bytes:
    """Of *body*, the path, and all parameters that choose and order rows."""
    chosen = sorted(pair for pair in _parameters(connection) if pair[0] not in _PAGING)
    text = msgspec.json.encode(["cursor", connection.scope["path"], chosen])
    key = services_of(connection).settings.secret_key.get_secret_value()
    parts = len(text).to_bytes(4, "big") + text + body
    return hmac.digest(key.encode(), parts, "sha256")[:_MAC_BYTES]


def _parameters(connection: Connection) -> list[tuple[str, str]]:
    query = connection.scope["query_string"].decode("latin-1")
    return parse_qsl(query, keep_blank_values=True)


async def known_parameters(connection: Connection, handler: BaseRouteHandler) -> None:
    """
    Refuse parameters that a route does not know, takes once, or never: a guard.

    A filter with a typing error would else give everything.  Control characters are in
    no value, PostgreSQL takes no NUL, and patterns let a line's end pass.

    Raises:
        Problem: 400 ``unknown_parameter``, ``repeated_parameter``, ``invalid``.
    """
    parameters = _parameters(connection)
    texts = [value for _, value in parameters]
    texts += map(str, connection.path_params.values())
    if any(_CONTROL.search(text) for text in texts):
        raise _invalid("no parameter holds control characters")
    given = [name for name, _ in parameters]
    known = _known(handler)
    for name in given:
        if name not in known:
            names = ", ".join(sorted(known)) or "none"
            detail = f"known here: {names}"
            raise Problem(400, "unknown_parameter", "Unknown Parameter", detail)
        if not known[name] and given.count(name) > 1:
            detail = f"{name} may be given once"
            raise Problem(400, "repeated_parameter", "Repeated Parameter", detail)


def _known(handler: BaseRouteHandler) -> dict[str, bool]:
    """The parameters of the query by name, and whether each may be repeated."""
    found: dict[str, bool] = {}
    for name, field in handler.parsed_fn_signature.parameters.items():
        if isinstance(field.kwarg_definition, QueryParameter):
            known_as = field.kwarg_definition.name or name
            found[known_as] = field.is_non_string_sequence
    return found


def time_of(name: str, text: str | None) -> datetime | None:
    """
    The time that the parameter *name* gives, in UTC.

    Raises:
        Problem: 400 ``invalid``: it is no time, or has no offset.
    """
    if text is None:
        return None
    try:
        return _decode_time(text).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise _invalid(f"{name}: no time of RFC 3339 with an offset") from None


def _decode_time(text: str) -> datetime:
    aware = Annotated[datetime, msgspec.Meta(tz=True)]
    return msgspec.convert(text, aware)


def _invalid(detail: str) -> Problem:
    return Problem(400, "invalid", "Invalid Request", detail)
