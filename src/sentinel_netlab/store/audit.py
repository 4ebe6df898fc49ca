"""
The audit log: who did what, in a chain that shows when a row was touched.

Rows that an older version wrote have no position: they stand before the chain, which
says nothing about them.  The end of the chain is kept a second time, in `audit_head`,
so that rows missing from its tail are noticed.  Who may write to both tables can forge
both: compare with a head that was kept elsewhere.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sentinel_netlab.store.audit_chain import (
    Entry,
    Fault,
    Head,
    Link,
    Walk,
    plain_details,
    plain_text,
)
from sentinel_netlab.store.engine import reading
from sentinel_netlab.store.locks import take_turn
from sentinel_netlab.store.reading.keyset import Order, ordered
from sentinel_netlab.store.tables import audit_head, audit_log

_columns = audit_log.c
_HEAD_ID = 1
_PAGE_ROWS = 1000
_NEXT_ID = sa.select(
    sa.func.nextval(sa.func.pg_get_serial_sequence(audit_log.name, "id"))
)
_NEXT_ID_SQLITE = sa.select(sa.func.coalesce(sa.func.max(_columns.id), 0) + 1)


async def record(
    c: AsyncConnection,
    *,
    event_type: str,
    actor: str | None,
    action: str,
    resource: str | None,
    details: Mapping[str, Any] | None = None,
    ip_address: str | None = None,
    now: datetime,
) -> Head:
    """
    Write one row at the end of the chain, in the transaction of what it tells of.

    Others wait for that transaction's end to write theirs: call this last in it.
    Texts are cut to the size of their columns; secrets do not belong into any of them.

    Args:
        event_type: the noun: token, user, alert, sensor, site …
        actor: who; the name of a person, or ``cli:<account>``.
        action: the verb: create, revoke, resolve …
        resource: the id of what it was done to.
        details: what else is to be known; of JSON's types.

    Returns:
        The new end of the chain.

    Raises:
        TypeError: *details* cannot be written as JSON.
    """
    await take_turn(c, "audit")
    head = await kept_head(c) or Head()
    sqlite = c.dialect.name == "sqlite"
    row_id = (await c.execute(_NEXT_ID_SQLITE if sqlite else _NEXT_ID)).scalar_one()
    entry = Entry(
        id=row_id,
        position=head.position + 1,
        timestamp=now,
        event_type=_fit(event_type, _columns.event_type) or "",
        actor=_fit(actor, _columns.actor),
        action=_fit(action, _columns.action),
        resource=_fit(resource, _columns.resource),
        details=plain_details(details),
        ip_address=_fit(ip_address, _columns.ip_address),
    )
    return await _append(c, entry, head)


async def _append(c: AsyncConnection, entry: Entry, head: Head) -> Head:
    new = Head(entry.position, entry.hash(head.hash))
    row = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    row |= {"previous_hash": head.hash, "hash": new.hash}
    await c.execute(sa.insert(audit_log).inline(), row)
    values = {"position": new.position, "hash": new.hash}
    if head.position:
        change = sa.update(audit_head).where(audit_head.c.id == _HEAD_ID)
        await c.execute(change.values(values))
    else:
        await c.execute(sa.insert(audit_head).values(id=_HEAD_ID, **values))
    return new


def _fit(text: str | None, column: sa.Column[Any]) -> str | None:
    return plain_text(text, column.type.length)  # type: ignore[attr-defined]  # a String


async def kept_head(c: AsyncConnection) -> Head | None:
    """The end of the chain as `audit_head` has it."""
    query = sa.select(audit_head.c.position, audit_head.c.hash)
    row = (await c.execute(query.where(audit_head.c.id == _HEAD_ID))).first()
    return None if row is None else Head(*row)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """
    Which rows; None: any.

    Attributes:
        since, until: when it was done, *until* not included.
    """

    event_type: str | None = None
    actor: str | None = None
    action: str | None = None
    resource: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def audit_order(*, descending: bool) -> Order:
    """By id: as they were written."""
    return ordered(_columns.id, descending=descending)


def select_audit(wanted: AuditFilter) -> sa.Select[Any]:
    """Rows of the chain, and those before it."""
    query = sa.select(audit_log)
    for name in ("event_type", "actor", "action", "resource"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(_columns[name] == value)
    if wanted.since is not None:
        query = query.where(_columns.timestamp >= wanted.since)
    if wanted.until is not None:
        query = query.where(_columns.timestamp < wanted.until)
    return query


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What a check of the whole chain found.

    Attributes:
        head: the end of the part that is good; hand it to somebody who keeps it.
        adopted_rows: rows of an older version, which nothing vouches for.
        fault: the first bad row; None: the chain is whole.
    """

    head: Head
    adopted_rows: int
    fault: Fault | None


async def verify(engine: AsyncEngine, anchor: Head | None = None) -> Verdict:
    """As `verify_rows`, in one look that no writer disturbs."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    async with reading(engine).connect() as c:
        return await verify_rows(c, anchor)


async def verify_rows(c: AsyncConnection, anchor: Head | None = None) -> Verdict:
    """
    Walk the chain from its first row to its kept end.

    Args:
        anchor: an end of the chain from before, kept elsewhere: the chain must still
            go through it.
    """
    outside = await _outside(c)
    walk = Walk()
    fault = None
    async with aclosing(_links(c)) as links:
        async for link in links:
            fault = walk.step(link) or _missed(walk.head, anchor)
            if fault:
                break
    fault = fault or walk.end(await kept_head(c))
    if fault is None and anchor and anchor.position > walk.head.position:
        fault = Fault("the row is missing", walk.head.position + 1)
    return Verdict(walk.head, outside.rows, fault or outside.fault)


def _missed(head: Head, anchor: Head | None) -> Fault | None:
    if anchor and anchor.position == head.position and anchor.hash != head.hash:
        return Fault("the chain was written anew", head.position)
    return None


async def _links(c: AsyncConnection) -> AsyncGenerator[Link]:
    """The rows of the chain, by position, a page at a time."""
    place = sa.tuple_(_columns.position, _columns.id)
    page = sa.select(audit_log).where(_columns.position.is_not(None))
    page = page.order_by(_columns.position, _columns.id).limit(_PAGE_ROWS)
    query, count = page, _PAGE_ROWS
    while count == _PAGE_ROWS:
        rows = (await c.execute(query)).mappings().all()
        count = len(rows)
        for row in rows:
            values = {name: row[name] for name in Entry.__dataclass_fields__}
            yield Link(Entry(**values), row["previous_hash"], row["hash"])
        if rows:
            last = sa.tuple_(rows[-1]["position"], rows[-1]["id"])
            query = page.where(place > last)


@dataclass(frozen=True, slots=True)
class _Outside:
    rows: int
    fault: Fault | None


async def _outside(c: AsyncConnection) -> _Outside:
    """Rows without a position: how many, and the first that cannot be adopted."""
    free = _columns.position.is_(None)
    rows = await c.scalar(sa.select(sa.func.count()).where(free)) or 0
    first = sa.select(sa.func.min(_columns.id)).where(_columns.position == 1)
    late = sa.or_(
        _columns.id > first.scalar_subquery(),
        _columns.hash.is_not(None),
        _columns.previous_hash.is_not(None),
    )
    stranger = await c.scalar(sa.select(sa.func.min(_columns.id)).where(free, late))
    if stranger is None:
        return _Outside(rows, None)
    return _Outside(rows, Fault("the row stands outside of the chain", None, stranger))
