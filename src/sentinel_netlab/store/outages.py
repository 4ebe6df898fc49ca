"""
What a failure of the database means: it is out for a time, and nobody's request or job
is at fault; or not.
"""

from __future__ import annotations

import sqlite3
from enum import StrEnum

import psycopg
from sqlalchemy.exc import DBAPIError


class Outage(StrEnum):
    """Why nothing can be read or written now."""

    UNREACHABLE = "db_unreachable"
    READ_ONLY = "db_read_only"
    DISK_FULL = "disk_full"


_STATES = {
    "25006": Outage.READ_ONLY,
    "53100": Outage.DISK_FULL,
    "53300": Outage.UNREACHABLE,  # too many connections
}
_GONE = ("08", "57P")  # connection exceptions; shutdown, crash, start, dropped
_SQLITE = {
    sqlite3.SQLITE_READONLY: Outage.READ_ONLY,
    sqlite3.SQLITE_FULL: Outage.DISK_FULL,
    sqlite3.SQLITE_CANTOPEN: Outage.UNREACHABLE,
}


def outage_of(error: BaseException) -> Outage | None:
    """Which outage *error* of SQLAlchemy or of a driver tells of; None: of none."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return Outage.UNREACHABLE
        error = error.orig or error
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate
    if state is None:  # said by libpq: no connection came about, or it broke
        is_gone = isinstance(error, psycopg.OperationalError)
        return Outage.UNREACHABLE if is_gone else None
    if state.startswith(_GONE):
        return Outage.UNREACHABLE
    return _STATES.get(state)


def error_text(error: BaseException) -> str:
    """
    What *error* says without what was to be written, in one line.

    SQLAlchemy's text shows the values, and the details of PostgreSQL the failing row.
    """
    cause = getattr(error, "orig", None) or error
    primary = getattr(getattr(cause, "diag", None), "message_primary", None)
    said = " ".join(str(primary or cause).split())
    return f"{type(cause).__name__}: {said}"
