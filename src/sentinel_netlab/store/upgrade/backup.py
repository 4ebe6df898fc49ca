"""
A copy of an SQLite database, before its tables are made anew.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa


def back_up(connection: sa.Connection, revision: str) -> Path | None:
    """
    Copy the file as it was before the transaction of *connection*.

    Returns:
        The copy, ``<file>.before-<revision>``; None: the database is in memory.
    """
    file = _file(connection)
    if file is None:
        return None
    copy = file.with_name(f"{file.name}.before-{revision}")
    new = copy.with_name(copy.name + ".new")
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    # Another connection: it sees what was committed.
    with (
        closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(new)) as target,
    ):
        source.backup(target)
    with new.open("rb+") as written:
        os.fsync(written.fileno())
    new.replace(copy)
    return copy


def _file(connection: sa.Connection) -> Path | None:
    query = "SELECT file FROM pragma_database_list WHERE name = 'main'"
    name = connection.exec_driver_sql(query).scalar_one()
    return Path(name) if name else None
