"""Column types: what goes in comes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from sentinel_netlab.store.tables import metadata
from sentinel_netlab.store.tables.types import MacAddress, UtcTime

POSTGRESQL, SQLITE = postgresql.dialect(), sqlite.dialect()
NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, UTC)


def stored(kind: sa.types.TypeDecorator, value: object) -> object:
    """*value* after a way through SQLite."""
    engine = sa.create_engine("sqlite://")
    table = sa.Table("t", sa.MetaData(), sa.Column("value", kind))
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert().values(value=value))
        found = connection.execute(sa.select(table.c.value)).scalar_one()
    engine.dispose()
    return found


@pytest.mark.parametrize("address", [0, 1, 0x02_00_00_00_00_0A, 0xFFFF_FFFF_FFFF])
def test_address_is_a_number(address):
    """On SQLite as it is, on PostgreSQL as macaddr."""
    kind = MacAddress()
    text = kind.process_bind_param(address, POSTGRESQL)

    assert stored(kind, address) == address
    assert kind.process_result_value(text, POSTGRESQL) == address
    assert kind.load_dialect_impl(POSTGRESQL).compile(POSTGRESQL) == "MACADDR"


def test_missing_values_stay_missing():
    """NULL is None."""
    for kind in (MacAddress(), UtcTime()):
        assert stored(kind, None) is None
        assert kind.process_bind_param(None, POSTGRESQL) is None
        assert kind.process_result_value(None, POSTGRESQL) is None


def test_time_keeps_microseconds_and_zone():
    """A time of another zone comes back in UTC."""
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert stored(UtcTime(), elsewhere) == NOW
    assert stored(UtcTime(), elsewhere).tzinfo is UTC
    assert UtcTime().process_result_value(elsewhere, POSTGRESQL).tzinfo is UTC


def test_naive_time_is_refused():
    """Nobody knows what it means."""
    with pytest.raises(ValueError, match="time zone"):
        UtcTime().process_bind_param(datetime(2026, 3, 1), SQLITE)  # noqa: DTZ001


def test_the_tables_are_all_there():
    """Those that the older version had, and ours."""
    assert set(metadata.tables) == {
        *("alerts", "api_tokens", "audit_log", "ingest_jobs", "sensors", "telemetry"),
        "audit_head",
        *("events", "evidence", "incidents", "networks", "notices", "schema_compat"),
        *("sensor_nonces", "sites", "stations", "users"),
    }
