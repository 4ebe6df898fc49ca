"""
What a revision may start from: looked at before its first change.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from sentinel_netlab.store.fingerprint import compare, golden_of, read_fingerprint
from sentinel_netlab.store.migrations.older import OLDER_TABLES
from sentinel_netlab.store.tables import metadata
from sentinel_netlab.store.upgrade.errors import RefusedError
from sentinel_netlab.store.upgrade.shapes import older_tables, recognise

_OTHERS = """
SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_class c
WHERE c.oid = ANY (SELECT to_regclass(name) FROM unnest(%s::text[]) name)
  AND NOT pg_has_role(c.relowner, 'USAGE') ORDER BY 1
"""
_VIEWS = """
SELECT DISTINCT v.relname FROM pg_depend d
JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
JOIN pg_class v ON v.oid = r.ev_class
WHERE d.refclassid = 'pg_class'::regclass AND v.oid <> d.refobjid
  AND d.refobjid = ANY (SELECT to_regclass(name) FROM unnest(%s::text[]) name)
ORDER BY 1
"""
_HYPERTABLES = (
    "_timescaledb_catalog.hypertable",
    "timescaledb_information.hypertables",
)


def require_nothing(connection: sa.Connection) -> None:
    """
    For a revision that makes the first tables.

    Raises:
        RefusedError: some are there, and no revision says what they are.
    """
    if there := older_tables(connection):
        raise RefusedError(
            "there are tables of an older version and no revision: "
            "`sentinel db adopt --dry-run` tells what can be done",
            [f"table {name}" for name in there],
        )


def require_older_shape(connection: sa.Connection) -> str:
    """
    For the revision that follows the older version's.

    Returns:
        The shape that the tables have.

    Raises:
        RefusedError: it is none that is known, or something is in the way.
    """
    problems = obstacles(connection)
    found = recognise(connection)
    problems += [str(difference) for difference in found.differences]
    if problems:
        raise RefusedError(
            "the tables are not those of the older version: nothing was changed",
            problems,
        )
    return found.shape


def require_revision(connection: sa.Connection, revision: str) -> None:
    """
    For a revision that follows one of ours.

    Raises:
        RefusedError: the tables are not what *revision* made.
    """
    golden = golden_of(revision, connection.dialect.name)
    if golden is None:
        raise RuntimeError(f"the golden file of {revision} is not installed")
    wrong = compare(read_fingerprint(connection), golden).ours_missing_or_changed
    if wrong:
        raise RefusedError(
            f"the tables are not those of revision {revision}: nothing was changed",
            wrong,
        )


def obstacles(connection: sa.Connection) -> list[str]:
    """What keeps us from bringing tables of the older version to our schema."""
    names = set(sa.inspect(connection).get_table_names())
    new = metadata.tables.keys() - set(OLDER_TABLES)
    found = [f"table {name} is in the way: rename it" for name in sorted(names & new)]
    if connection.dialect.name != "postgresql":
        return found
    if count := _hypertables(connection):
        found.append(
            f"there are Timescale hypertables ({count}), which this version does not "
            "serve: copy their rows into plain tables first"
        )
    for name, owner in _of_ours(connection, _OTHERS):
        found.append(f"table {name} belongs to {owner}: migrate as that role")
    for (name,) in _of_ours(connection, _VIEWS):
        found.append(f"view {name} reads our tables: drop it, and make it again later")
    return found


def _of_ours(connection: sa.Connection, query: str) -> list[Any]:
    return list(connection.exec_driver_sql(query, (list(OLDER_TABLES),)))


def _hypertables(connection: sa.Connection) -> int:
    """How many hypertables there are, by the list that knows of most."""
    found = [0]
    for name in _HYPERTABLES:
        there = f"SELECT to_regclass('{name}') IS NOT NULL"
        if connection.exec_driver_sql(there).scalar_one():
            query = f"SELECT count(*) FROM {name}"  # noqa: S608  # our constants
            found.append(int(connection.exec_driver_sql(query).scalar_one()))
    return max(found)
