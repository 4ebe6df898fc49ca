"""Which failures are an outage of the database, and which are somebody's fault."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import errors
from sqlalchemy.exc import DBAPIError

from sentinel_netlab.store.outages import Outage, error_text, outage_of

OUTAGES = {
    errors.DiskFull: Outage.DISK_FULL,
    errors.ReadOnlySqlTransaction: Outage.READ_ONLY,
    errors.AdminShutdown: Outage.UNREACHABLE,
    errors.CrashShutdown: Outage.UNREACHABLE,
    errors.CannotConnectNow: Outage.UNREACHABLE,
    errors.DatabaseDropped: Outage.UNREACHABLE,
    errors.ConnectionFailure: Outage.UNREACHABLE,
    errors.SqlclientUnableToEstablishSqlconnection: Outage.UNREACHABLE,
    errors.TooManyConnections: Outage.UNREACHABLE,
    psycopg.OperationalError: Outage.UNREACHABLE,
}
NONE = (
    errors.QueryCanceled,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.LockNotAvailable,
    errors.OutOfMemory,
    errors.UniqueViolation,
    errors.UndefinedTable,
    errors.InsufficientPrivilege,
    psycopg.InterfaceError,
    psycopg.ProgrammingError,
)


def wrapped(error: Exception, **options) -> DBAPIError:
    """What SQLAlchemy makes of the driver's error."""
    dialect = sa.make_url("postgresql+psycopg://").get_dialect()()
    return DBAPIError.instance(
        "SELECT 1", {}, error, psycopg.Error, dialect=dialect, **options
    )


@pytest.mark.parametrize(("kind", "outage"), OUTAGES.items())
def test_outages_of_postgresql(kind, outage):
    """By SQLSTATE, or none: libpq's own words; with SQLAlchemy around it or not."""
    assert outage_of(kind("x")) == outage
    assert outage_of(wrapped(kind("x"))) == outage


@pytest.mark.parametrize("kind", NONE)
def test_what_is_none(kind):
    """Waiting for an end of it would be in vain, or not for long."""
    assert outage_of(kind("x")) is None
    assert outage_of(wrapped(kind("x"))) is None


@pytest.mark.parametrize("error", [ValueError("x"), OSError("x"), TimeoutError()])
def test_what_is_not_of_a_database(error):
    """Nothing is known of it here."""
    assert outage_of(error) is None


def test_a_connection_that_broke():
    """Whatever was said in it."""
    error = wrapped(errors.UniqueViolation("x"), connection_invalidated=True)

    assert outage_of(error) == Outage.UNREACHABLE


def test_nobody_listens():
    """As the driver says it itself."""
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect("postgresql://u@127.0.0.1:1/x", connect_timeout=2)

    assert outage_of(caught.value) == Outage.UNREACHABLE
    assert "\n" not in error_text(caught.value)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as c:
        c.execute("CREATE TABLE one (x)")
    return path


def failing(connection: sqlite3.Connection, *statements: str) -> sqlite3.Error:
    """What the last of *statements* fails with."""
    *first, last = statements
    for statement in first:
        connection.execute(statement)
    with pytest.raises(sqlite3.Error) as caught:
        connection.execute(last)
    return caught.value


def test_outages_of_sqlite(file):
    """As it tells of them itself."""
    reader = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    full = sqlite3.connect(file)
    fill = "INSERT INTO one VALUES (zeroblob(100000))"

    assert outage_of(failing(reader, "INSERT INTO one VALUES (1)")) == Outage.READ_ONLY
    assert outage_of(failing(full, "PRAGMA max_page_count = 3", fill)) == (
        Outage.DISK_FULL
    )
    assert outage_of(failing(full, "SELECT * FROM two")) is None
