"""
The fingerprints that the migrations make, kept as files, one per revision and dialect.

``tools/fingerprints.py`` writes them from empty databases.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import sqlalchemy as sa

from sentinel_netlab.store.fingerprint.compare import Differences, compare
from sentinel_netlab.store.fingerprint.postgresql import read_postgresql
from sentinel_netlab.store.fingerprint.record import Fingerprint
from sentinel_netlab.store.fingerprint.sqlite import read_sqlite

FOLDER = files("sentinel_netlab.store.fingerprint") / "golden"


def read_fingerprint(connection: sa.Connection) -> Fingerprint:
    """
    The fingerprint of the schema behind *connection*.

    With an AsyncConnection: ``await connection.run_sync(read_fingerprint)``.
    """
    if connection.dialect.name == "postgresql":
        return read_postgresql(connection)
    return read_sqlite(connection)


@cache
def golden_of(revision: str, dialect: str) -> Fingerprint | None:
    """What the migrations make at *revision*; None: no such file."""
    file = FOLDER / file_name(revision, dialect)
    if not file.is_file():
        return None
    return from_json(file.read_text("utf-8"))


def file_name(revision: str, dialect: str) -> str:
    """The name of a golden file."""
    return f"{revision}.{dialect}.json"


def to_json(revision: str, dialect: str, fingerprint: Fingerprint) -> str:
    """A golden file's text."""
    record = {
        "revision": revision,
        "dialect": dialect,
        "sha256": fingerprint.digest(),
        "tables": fingerprint.tables,
    }
    return json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def from_json(text: str) -> Fingerprint:
    """The fingerprint in a golden file's text."""
    return Fingerprint(json.loads(text)["tables"])


def check_schema(
    connection: sa.Connection, golden: Fingerprint
) -> tuple[Fingerprint, Differences]:
    """Read the schema behind *connection* and compare it with *golden*."""
    actual = read_fingerprint(connection)
    return actual, compare(actual, golden)
