"""
Column types that PostgreSQL and SQLite hold each in its own way.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from sentinel_netlab.core.addresses import format_mac, parse_mac

Json = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
"""JSON: jsonb on PostgreSQL, text on SQLite; None is NULL."""

Identity = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""A number that the database gives; only INTEGER counts up by itself on SQLite."""


class MacAddress(TypeDecorator[int]):
    """A 48-bit address as int: macaddr on PostgreSQL, integer on SQLite."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Give macaddr or integer."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.MACADDR())
        return dialect.type_descriptor(sa.BigInteger())

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:
        """*value* as the database takes it."""
        if value is None or dialect.name != "postgresql":
            return value
        return format_mac(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        """What the database gave, as int."""
        if value is None or dialect.name != "postgresql":
            return value  # type: ignore[no-any-return]  # the driver's int
        return parse_mac(value)


class UtcTime(TypeDecorator[datetime]):
    """
    An aware time: timestamptz on PostgreSQL, naive UTC text on SQLite.

    Raises:
        ValueError: a naive time is to be stored.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """*value* as the database takes it."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a stored time needs a time zone"
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """What the database gave, in UTC."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            return value.astimezone(UTC)
        return value.replace(tzinfo=UTC)
