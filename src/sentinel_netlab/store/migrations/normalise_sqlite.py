"""
The older tables of SQLite made anew in their normal shape, with all rows.

SQLite keeps any value in any column: what a column of ours could not read becomes NULL,
or for JSON a text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from sentinel_netlab.core.addresses import parse_mac
from sentinel_netlab.core.ssid import display_ssid
from sentinel_netlab.store.migrations.ddl import make_indexes
from sentinel_netlab.store.migrations.normal import normal

_EPOCH = "1970-01-01 00:00:00.000000"
_ORPHANS = """
INSERT INTO sensors (id) SELECT DISTINCT sensor_id FROM {table} WHERE sensor_id
NOT IN (SELECT id FROM sensors)
"""
_TOLD = (
    "CASE WHEN substr(ingest_jobs.job_id, 1, length(ingest_jobs.sensor_id) + 1)"
    " = ingest_jobs.sensor_id || ':' THEN"
    " nullif(substr(ingest_jobs.job_id, length(ingest_jobs.sensor_id) + 2), '') END"
)


def normalise(connection: sa.Connection) -> None:
    """
    Make each table anew; foreign keys must be off.

    Raises:
        RuntimeError: a row refers to nothing, which cannot be.
    """
    driver: Any = connection.connection.driver_connection
    for name, function in _FUNCTIONS.items():
        driver.create_function(name, 1, function, deterministic=True)
    # views of others keep their text when a table is renamed to the one they read
    connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")
    for name in ("telemetry", "alerts"):
        connection.exec_driver_sql(_ORPHANS.format(table=name))
    for table in normal("sqlite").sorted_tables:
        _remake(connection, table)
    for name in ("telemetry", "alerts"):
        if connection.exec_driver_sql(f"PRAGMA foreign_key_check({name})").first():
            raise RuntimeError(f"a row of {name} refers to a row that is missing")


def _remake(connection: sa.Connection, table: sa.Table) -> None:
    there = {
        row[0]
        for row in connection.exec_driver_sql(
            f"SELECT name FROM pragma_table_info('{table.name}')"
        )
    }
    made = str(CreateTable(table).compile(connection))
    connection.exec_driver_sql(made.replace(table.name, f"new_{table.name}", 1))
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(_value(table, column, there) for column in table.columns)
    for statement in (
        f"INSERT INTO new_{table.name} ({columns}) SELECT {values} FROM {table.name}",
        f"DROP TABLE {table.name}",
        f"ALTER TABLE new_{table.name} RENAME TO {table.name}",
    ):
        connection.exec_driver_sql(statement)
    make_indexes(connection, table)


def _value(table: sa.Table, column: sa.Column[Any], there: set[str]) -> str:
    """The SQL expression of *column* over the older table."""
    name = column.name
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name == "batch_id" and table.name == "ingest_jobs":
        return _batch_id(has_column="batch_id" in there)
    if name == "timestamp" and table.name == "telemetry":
        received = "older_time(ingested_at)"
        return f"coalesce(older_time(timestamp), {received}, '{_EPOCH}')"
    for kind, function in _BY_TYPE:
        if isinstance(column.type, kind):
            return f'{function}("{name}")'
    return f'"{name}"'


def _batch_id(*, has_column: bool) -> str:
    """What follows the sensor in the id of the job, where no column says it."""
    if not has_column:
        return _TOLD
    taken = (
        "EXISTS (SELECT 1 FROM ingest_jobs o WHERE o.sensor_id = ingest_jobs.sensor_id"
        f" AND o.batch_id = {_TOLD})"
    )
    return f"coalesce(batch_id, CASE WHEN NOT {taken} THEN {_TOLD} END)"


def _time(value: Any) -> str | None:
    """Naive text in UTC, as our columns read it."""
    try:
        found = datetime.fromisoformat(str(value))
        if found.tzinfo is not None:
            found = found.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return found.isoformat(" ", "microseconds")


def _json(value: Any) -> str | None:
    if value is None:
        return None
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return json.dumps(text)
    return text


def _mac(value: Any) -> int | None:
    try:
        return parse_mac(str(value))
    except ValueError:
        return None


def _octets(value: Any) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    return str(value).encode(errors="surrogateescape")


def _display(value: Any) -> str | None:
    octets = _octets(value)
    return None if octets is None else display_ssid(octets)


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "older_time": _time,
    "older_json": _json,
    "older_mac": _mac,
    "older_octets": _octets,
    "older_display": _display,
}
_BY_NAME = {
    "bssid": "older_mac(bssid)",
    "severity": "lower(severity)",
    "ssid_text": "older_display(ssid)",
}
_BY_NAME = {
    "bssid": "older_mac(bssid)",
    "severity": "lower(severity)",
    "ssid_text": "older_display(ssid)",
}
_BY_TYPE: tuple[tuple[type, str], ...] = (
    (sa.DateTime, "older_time"),
    (sa.JSON, "older_json"),
    (sa.LargeBinary, "older_octets"),
)
