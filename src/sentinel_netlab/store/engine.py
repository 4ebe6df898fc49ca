"""
Connections to the database, with what both kinds need to be safe.

SQLite: write-ahead log, foreign keys, every commit on the disk before it is told of,
and transactions that take the write lock when they begin (``BEGIN IMMEDIATE``), so that
none fails half-way because another wrote meanwhile.  `reading` gives an engine whose
transactions only read.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from sentinel_netlab.store.settings import parse_url

BUSY_TIMEOUT_MS = 30_000
"""How long a SQLite transaction waits for the write lock."""
CONNECT_TIMEOUT_S = 3
_READS_ONLY = "sqlite_reads_only"


def make_engine(
    url: str | URL,
    *,
    application_name: str = "sentinel",
    pool_size: int = 5,
    pings: bool = True,
) -> AsyncEngine:
    """
    An engine for the database *url*.

    Args:
        url: as in ``DATABASE_URL``.
        application_name: shown by PostgreSQL beside the connections.
        pool_size: connections kept; as many again may be open for a short time.
        pings: try each connection before it is used; without, the first use of one
            that broke meanwhile fails, and the caller begins anew.

    Raises:
        ValueError: *url* is none that we use.
    """
    parsed = parse_url(url) if isinstance(url, str) else url
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed.set(drivername="sqlite+aiosqlite"), pool_size)
    parsed = parsed.set(drivername="postgresql+psycopg")
    return create_async_engine(
        parsed,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=pings,
        connect_args={
            "application_name": application_name,
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": "-c timezone=UTC",
        },
    )


def reading(engine: AsyncEngine) -> AsyncEngine:
    """The same engine for transactions that only read: they wait for no writer."""
    return engine.execution_options(**{_READS_ONLY: True})


def _sqlite(url: URL, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
    )
    sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes late and not before DDL: ours replaces it.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    reads_only = connection.get_execution_options().get(_READS_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
