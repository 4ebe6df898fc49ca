"""
Lists page by page, by where the last page ended and not by how many rows came before.

Rows that arrive or go while somebody turns pages neither repeat a row nor hide one.  A
row whose key changes meanwhile stands where it stands when its page is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

_KEY = "key_of_page_"


@dataclass(frozen=True, slots=True)
class Section:
    """
    A part of a list.

    Attributes:
        keys: what its rows stand by, never NULL; all together unique.
        where: which rows belong to it; None: all.
    """

    keys: tuple[sa.ColumnElement[Any], ...]
    where: sa.ColumnElement[bool] | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """
    How a list stands: sections one behind the other, the keys of each in one direction.

    Sections do what one ORDER BY cannot do with an index: rows without a value last,
    words by their rank.
    """

    sections: tuple[Section, ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The last row of a page: its section and its keys."""

    section: int
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """
    A page.

    Attributes:
        end: where the next page goes on; None: there is none.
    """

    rows: list[sa.RowMapping]
    end: Place | None


def ordered(*keys: sa.ColumnElement[Any], descending: bool = False) -> Order:
    """By *keys* that are never NULL and together unique."""
    return Order((Section(keys),), descending)


def ordered_nulls_last(
    key: sa.ColumnElement[Any], *unique: sa.ColumnElement[Any], descending: bool = False
) -> Order:
    """By *key*, then by *unique*; rows without *key* last, whatever the direction."""
    there, missing = key.is_not(None), key.is_(None)
    sections = (Section((key, *unique), there), Section(unique, missing))
    return Order(sections, descending)


async def fetch(
    c: AsyncConnection,
    query: sa.Select[Any],
    order: Order,
    after: Place | None,
    limit: int,
) -> Rows:
    """
    At most *limit* rows of *query*, those behind *after*.

    Raises:
        ValueError: *after* is no place in *order*.
    """
    at = after or Place(0, ())
    if at.section >= len(order.sections):
        raise ValueError("no such section")
    found: list[tuple[int, sa.RowMapping]] = []
    for number in range(at.section, len(order.sections)):
        values = at.values if number == at.section else ()
        asked = _page(query, order, number, values, limit + 1 - len(found))
        found += [(number, row) for row in (await c.execute(asked)).mappings()]
        if len(found) > limit:
            break
    page = found[:limit]
    end = _place(order, *page[-1]) if len(found) > limit else None
    return Rows([row for _, row in page], end)


def _page(
    query: sa.Select[Any],
    order: Order,
    number: int,
    values: Sequence[Any],
    limit: int,
) -> sa.Select[Any]:
    section = order.sections[number]
    keys = [key.label(f"{_KEY}{i}") for i, key in enumerate(section.keys)]
    by = [key.desc() if order.descending else key.asc() for key in section.keys]
    query = query.add_columns(*keys).order_by(*by).limit(limit)
    if section.where is not None:
        query = query.where(section.where)
    if values:
        query = query.where(_behind(section.keys, values, descending=order.descending))
    return query


def _behind(
    keys: Sequence[sa.ColumnElement[Any]], values: Sequence[Any], *, descending: bool
) -> sa.ColumnElement[bool]:
    if len(keys) != len(values):
        raise ValueError("another number of keys")
    bound = [
        sa.literal(value, key.type) for key, value in zip(keys, values, strict=True)
    ]
    if len(keys) == 1:
        return keys[0] < bound[0] if descending else keys[0] > bound[0]
    here, there = sa.tuple_(*keys), sa.tuple_(*bound)
    return here < there if descending else here > there


def _place(order: Order, number: int, row: sa.RowMapping) -> Place:
    keys = order.sections[number].keys
    return Place(number, tuple(row[f"{_KEY}{i}"] for i in range(len(keys))))
