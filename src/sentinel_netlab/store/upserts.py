"""
What statements that insert or update have in common on both databases.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Upsert = postgresql.Insert | sqlite.Insert


def insert_for(c: AsyncConnection, table: sa.Table) -> Upsert:
    """An INSERT into *table* that knows ON CONFLICT."""
    return insert_into(c.dialect.name, table)


def insert_into(dialect: str, table: sa.Table) -> Upsert:
    """As `insert_for`, for statements that are made once."""
    if dialect == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def least(one: Any, other: Any) -> sa.ColumnElement[Any]:
    """The lesser of two values, the one that is not NULL if one is."""
    return _chosen(one, other, lambda left, right: left <= right)


def greatest(one: Any, other: Any) -> sa.ColumnElement[Any]:
    """The greater of two values, the one that is not NULL if one is."""
    return _chosen(one, other, lambda left, right: left >= right)


def _chosen(
    one: Any, other: Any, keeps: Callable[[Any, Any], sa.ColumnElement[bool]]
) -> sa.ColumnElement[Any]:
    return sa.case(
        (one.is_(None), other), (other.is_(None), one), (keeps(one, other), one),
        else_=other,
    )  # fmt: skip
