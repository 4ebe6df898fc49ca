"""
The fingerprint of an SQLite database.

Columns, keys and indexes come from pragmas, so that the order of columns and the way a
table came to its shape (ALTER TABLE, a copy) do not matter; checks, collations and
options come from the text in sqlite_master.  Names of constraints do not count, but for
checks: SQLite has no use for them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from sentinel_netlab.store.fingerprint.record import (
    VERSION_TABLE,
    Fingerprint,
    Objects,
)
from sentinel_netlab.store.fingerprint.sqlite_sql import normalised, read_table

_MASTER = r"""
SELECT type, name, tbl_name, sql FROM sqlite_master
WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY type NOT IN ('table', 'view'), name
"""
_COLUMNS = """
SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(:name)
WHERE hidden <> 1
"""
_FOREIGN_KEYS = """
SELECT id, "table", "from", "to", on_update, on_delete
FROM pragma_foreign_key_list(:name) ORDER BY id, seq
"""
_UNIQUE = "SELECT name FROM pragma_index_list(:name) WHERE origin = 'u'"
_INDEX_COLUMNS = "SELECT name FROM pragma_index_info(:name) ORDER BY seqno"


def read_sqlite(connection: sa.Connection) -> Fingerprint:
    """The fingerprint of the main database of *connection*."""
    reader = _Reader(connection)
    tables: dict[str, Objects] = {}
    for kind, name, table, sql in reader.rows(_MASTER):
        if kind == "view":
            tables[name] = {"kind": "view"}
        elif kind == "table":
            tables[name] = reader.table(name, sql)
        elif sql is not None:  # indexes of constraints have no text
            objects = tables.setdefault(table, {})
            objects[f"{kind} {name}"] = normalised(sql)
    tables.pop(VERSION_TABLE, None)
    return Fingerprint(tables)


class _Reader:
    """Queries of one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, name: str = "") -> list[Any]:
        parameters = {"name": name} if ":name" in query else {}
        return list(self._connection.execute(sa.text(query), parameters))

    def table(self, name: str, sql: str) -> Objects:
        """The objects of a table but for its indexes and triggers."""
        if normalised(sql).startswith("create virtual"):
            return {"kind": "virtual table"}
        text = read_table(sql)
        objects = {"kind": "table"}
        if text.options:
            objects["options"] = text.options
        objects |= self._columns(name, text.columns)
        objects |= self._foreign_keys(name)
        for (index,) in self.rows(_UNIQUE, name):
            columns = ", ".join(str(row[0]) for row in self.rows(_INDEX_COLUMNS, index))
            objects[f"unique constraint ({columns})"] = "unique"
        objects |= {f"check {key}": check for key, check in text.checks.items()}
        objects |= {f"constraint {clause}": clause for clause in text.clauses}
        return objects

    def _columns(self, table: str, clauses: dict[str, str]) -> Objects:
        objects: Objects = {}
        key: dict[int, str] = {}
        for name, kind, not_null, default, position in self.rows(_COLUMNS, table):
            definition = " ".join(str(kind).upper().split())
            # a primary key's NOT NULL is written by some and implied by others
            definition += " not null" if not_null and not position else ""
            definition += f" default {normalised(default)}" if default else ""
            more = clauses.get(name.lower())
            objects[f"column {name}"] = f"{definition} {more}" if more else definition
            if position:
                key[position] = name
        if key:
            objects["primary key"] = ", ".join(key[i] for i in sorted(key))
        return objects

    def _foreign_keys(self, table: str) -> Objects:
        keys: dict[int, list[Any]] = defaultdict(list)
        for row in self.rows(_FOREIGN_KEYS, table):
            keys[row[0]].append(row)
        objects: Objects = {}
        for rows in keys.values():
            columns = ", ".join(row[2] for row in rows)
            referred = ", ".join(row[3] or "its key" for row in rows)
            _, target, *_, on_update, on_delete = rows[0]
            objects[f"foreign key ({columns})"] = (
                f"{target} ({referred}) on update {on_update} on delete {on_delete}"
            ).lower()
        return objects
