"""
What a run of Alembic is to do, and the connections that it does it by.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sentinel_netlab.store.settings import DatabaseSettings, parse_url

APPLICATION = "sentinel migrate"
"""What PostgreSQL shows of our connections."""
CONNECT_TIMEOUT_S = 10
IDLE_TIMEOUT_S = 300


def _silent(_line: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Plan:
    """
    How to reach and treat a database.

    Attributes:
        lock_wait_s: how long another migration is waited for.
        lock_timeout_s: how long a statement waits for a table, or SQLite's file.
        statement_timeout_s: how long a statement may take; 0: no limit.
        adopt: let a database of the older version without a revision be one of
            revision 4085bd1d44e4.
        admit: leave a database of a newer version as it is, if that one lets this
            code serve it.
        say: is given lines for people.
        sleep: waits for some seconds.
        start: is given the revisions of the database, under the lock.
        finish: runs at the end in a transaction of its own, under the same lock.
    """

    url: sa.URL
    lock_wait_s: float = 300.0
    lock_timeout_s: float = 4.0
    statement_timeout_s: float = 0.0
    adopt: bool = False
    admit: bool = False
    say: Callable[[str], None] = _silent
    sleep: Callable[[float], None] = time.sleep
    start: Callable[[tuple[str, ...]], None] | None = None
    finish: Callable[[sa.Connection], None] | None = None

    @classmethod
    def of(cls, settings: DatabaseSettings, **more: Any) -> Plan:
        """The plan for the database of *settings*."""
        return cls(
            url=parse_url(settings.owner_url.get_secret_value()),
            lock_wait_s=settings.lock_wait_s,
            lock_timeout_s=settings.lock_timeout_s,
            statement_timeout_s=settings.statement_timeout_s,
            **more,
        )


def owner_engine(plan: Plan, *, reads_only: bool = False) -> sa.Engine:
    """
    An engine without a pool for the database of *plan*.

    Args:
        reads_only: transactions of SQLite take no lock for writing.
    """
    if plan.url.get_backend_name() == "sqlite":
        return _sqlite(plan, "BEGIN" if reads_only else "BEGIN IMMEDIATE")
    options = {
        "timezone": "UTC",
        "lock_timeout": _ms(plan.lock_timeout_s),
        "statement_timeout": _ms(plan.statement_timeout_s),
        "idle_in_transaction_session_timeout": _ms(IDLE_TIMEOUT_S),
    }
    return sa.create_engine(
        plan.url.set(drivername="postgresql+psycopg"),
        poolclass=sa.NullPool,
        connect_args={
            "application_name": APPLICATION,
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": " ".join(
                f"-c {name}={value}" for name, value in options.items()
            ),
        },
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _sqlite(plan: Plan, begin: str) -> sa.Engine:
    engine = sa.create_engine(
        plan.url.set(drivername="sqlite"),
        poolclass=sa.NullPool,
        connect_args={"timeout": plan.lock_timeout_s},
    )

    # The driver's own BEGIN comes late and not before DDL: with ours, everything that
    # a migration does is one transaction.  Foreign keys are off, as tables are remade.
    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
