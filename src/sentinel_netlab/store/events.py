"""
The outbox of changes that screens are told of, in an order that skips nothing.

A number is given when a row is written, not when its transaction commits: a reader that
remembers the greatest number would skip what commits late.  On PostgreSQL rows carry
the id of their transaction, and only those older than every transaction that still
runs are read, in the order (xid, id).  SQLite has one writer at a time: there the
number is enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.store.tables import events

_columns = events.c


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the order of events; as text ``<xid>-<id>``."""

    xid: int = 0
    id: int = 0

    def __str__(self) -> str:
        return f"{self.xid}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> Position:
        """
        The position that *text* writes.

        Raises:
            ValueError: it writes none.
        """
        xid, dash, number = text.partition("-")
        plain = xid.isdecimal() and number.isdecimal() and text.isascii()
        if not dash or not plain or max(len(xid), len(number)) > 18:
            raise ValueError("not the id of an event")
        return cls(int(xid), int(number))


@dataclass(frozen=True, slots=True)
class NewEvent:
    """
    What happened to whom.

    Attributes:
        kind: alert, sensor, incident.
    """

    kind: str
    subject_id: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """A change that was committed."""

    position: Position
    kind: str
    subject_id: str
    payload: dict[str, Any]
    created_at: datetime


async def emit(
    c: AsyncConnection,
    kind: str,
    subject_id: str,
    payload: Mapping[str, Any],
    now: datetime,
) -> None:
    """Tell of a change in the transaction that makes it."""
    await emit_all(c, [NewEvent(kind, subject_id, payload)], now)


async def emit_all(c: AsyncConnection, new: Sequence[NewEvent], now: datetime) -> None:
    """Tell of several changes, in their order."""
    if not new:
        return
    xid = 0
    if c.dialect.name == "postgresql":
        xid = (await c.execute(_OWN_XID)).scalar_one()
    rows = [
        {
            "xid": xid,
            "kind": one.kind,
            "subject_id": one.subject_id,
            "payload": dict(one.payload),
            "created_at": now,
        }
        for one in new
    ]
    await c.execute(sa.insert(events).inline(), rows)


_OWN_XID = sa.text("SELECT pg_current_xact_id()::text::bigint")
_HORIZON = sa.text("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def _readable(c: AsyncConnection) -> sa.ColumnElement[bool]:
    if c.dialect.name == "postgresql":
        return _columns.xid < sa.type_coerce(_HORIZON, sa.BigInteger)
    return sa.true()


async def read_since(
    c: AsyncConnection, after: Position, limit: int = 500
) -> list[Event]:
    """The first events behind *after* that nothing can come before any more."""
    place = sa.tuple_(_columns.xid, _columns.id)
    query = (
        sa.select(
            _columns.xid,
            _columns.id,
            _columns.kind,
            _columns.subject_id,
            _columns.payload,
            _columns.created_at,
        )
        .where(place > sa.tuple_(after.xid, after.id), _readable(c))
        .order_by(_columns.xid, _columns.id)
        .limit(limit)
    )
    return [
        Event(Position(row.xid, row.id), row.kind, row.subject_id, row.payload,
              row.created_at)
        for row in await c.execute(query)
    ]  # fmt: skip


async def newest(c: AsyncConnection) -> Position:
    """Where somebody begins who wants to hear only what comes."""
    query = (
        sa.select(_columns.xid, _columns.id)
        .where(_readable(c))
        .order_by(_columns.xid.desc(), _columns.id.desc())
        .limit(1)
    )
    row = (await c.execute(query)).first()
    return Position() if row is None else Position(row.xid, row.id)


async def purge_events(c: AsyncConnection, before: datetime, limit: int) -> int:
    """
    Forget at most *limit* events from before *before*; the number of them.

    The newest row stays, for SQLite would give its number again.
    """
    last = sa.select(sa.func.max(_columns.id)).scalar_subquery()
    old = (
        sa.select(_columns.id)
        .where(_columns.created_at < before, _columns.id < last)
        .limit(limit)
    )
    done = await c.execute(sa.delete(events).where(_columns.id.in_(old)))
    return done.rowcount
