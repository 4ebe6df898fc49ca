"""
The shapes in which the older version left its tables, and which one a database has.

What an upgrade evens out by itself does not count: names of constraints, times with or
without a zone, how ids are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from sentinel_netlab.store.fingerprint import golden_of, read_fingerprint
from sentinel_netlab.store.fingerprint.record import Objects
from sentinel_netlab.store.migrations.older import BASELINE, OLDER_TABLES

Tables = dict[str, Objects]
SHAPE_G = "older_g"
"""The golden file of the shape that an SQL script made."""
_NAMED = re.compile(r"(primary key|unique constraint|foreign key|check)\b")
_LATER = (
    ("ingest_jobs", "column batch_id"),
    ("ingest_jobs", "unique constraint (sensor_id, batch_id)"),
    ("alerts", "index ix_alerts_status_created_at"),
    ("telemetry", "index ix_telemetry_sensor_timestamp"),
)
"""What the last releases of the older version added."""
_KEY = "primary key"
_OTHER_KEY = 'PRIMARY KEY (id, "timestamp")'


@dataclass(frozen=True, slots=True)
class Difference:
    """An object that is not as a shape has it; None: there is none."""

    table: str
    name: str
    found: str | None
    wanted: str | None

    def __str__(self) -> str:
        if self.found is None:
            return f"{self.table}: {self.name} is missing (should be: {self.wanted})"
        if self.wanted is None:
            return f"{self.table}: {self.name} is not known ({self.found})"
        return f"{self.table}: {self.name} is: {self.found} (should be: {self.wanted})"


@dataclass(frozen=True, slots=True)
class Recognition:
    """
    What a database looks like.

    Attributes:
        shape: the known shape that is nearest.
        differences: from it; none: the database has that shape.
    """

    shape: str
    differences: tuple[Difference, ...]


def older_tables(connection: sa.Connection) -> list[str]:
    """Those of the older version's tables that are there."""
    there = set(sa.inspect(connection).get_table_names())
    return [name for name in OLDER_TABLES if name in there]


def recognise(connection: sa.Connection) -> Recognition:
    """The known shape that the database is nearest to."""
    dialect = connection.dialect.name
    actual = _plain(read_fingerprint(connection).tables, dialect)
    has_keys = sa.inspect(connection).has_table("sensor_keys")
    found = [
        Recognition(name, tuple(_differences(actual, shape)))
        for name, shape in _shapes(dialect, has_keys=has_keys)
    ]
    return min(found, key=lambda one: len(one.differences))


def _shapes(dialect: str, *, has_keys: bool) -> Iterator[tuple[str, Tables]]:
    complete = _golden(BASELINE, dialect)
    early = _without(complete, _LATER)
    if dialect != "postgresql":
        yield "F" if has_keys else "baseline", complete
        yield "E", early
        return
    yield "baseline", complete
    yield "v1", early
    yield "F", _with_key(complete)
    yield "D", _with_key(early)
    yield "G", _golden(SHAPE_G, dialect)


def _golden(revision: str, dialect: str) -> Tables:
    golden = golden_of(revision, dialect)
    if golden is None:
        raise RuntimeError(f"the golden file of {revision} is not installed")
    return _plain(golden.tables, dialect)


def _without(tables: Tables, objects: tuple[tuple[str, str], ...]) -> Tables:
    return {
        table: {
            name: text for name, text in found.items() if (table, name) not in objects
        }
        for table, found in tables.items()
    }


def _with_key(tables: Tables) -> Tables:
    """The same with the primary key of telemetry the other way round."""
    return tables | {"telemetry": tables["telemetry"] | {_KEY: _OTHER_KEY}}


def _plain(tables: Tables, dialect: str) -> Tables:
    """The older version's tables without what does not count."""
    read = _postgresql if dialect == "postgresql" else _sqlite
    return {
        table: dict(read(table, *item) for item in objects.items() if _counts(item[0]))
        for table, objects in tables.items()
        if table in OLDER_TABLES
    }


def _counts(name: str) -> bool:
    return not name.startswith("sequence ")


def _postgresql(_table: str, name: str, text: str) -> tuple[str, str]:
    if match := _NAMED.match(name):
        kind = match.group()
        return (kind if kind == _KEY else f"{kind} {_columns(text)}"), text
    text = re.sub(r"^timestamp with(out)? time zone", "timestamp", text)
    return name, re.sub(r" default nextval\(.*", " counting up", text)


def _columns(text: str) -> str:
    """``(a, b)`` of the text of a constraint."""
    match = re.search(r"\(.*?\)", text)
    return match.group() if match else text


def _sqlite(table: str, name: str, text: str) -> tuple[str, str]:
    text = text.replace("TIMESTAMP", "DATETIME")
    if (table, name) == ("telemetry", "column timestamp"):
        text = text.removesuffix(" not null")
    return name, text


def _differences(actual: Tables, shape: Tables) -> Iterator[Difference]:
    for table in OLDER_TABLES:
        if table not in actual:
            yield Difference(table, "table", None, "a table")
            continue
        there, wanted = actual[table], shape[table]
        for name in sorted(there.keys() | wanted.keys()):
            if there.get(name) != wanted.get(name):
                yield Difference(table, name, there.get(name), wanted.get(name))
