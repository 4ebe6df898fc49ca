"""
The older tables of PostgreSQL brought into their normal shape where they are.

Indexes and constraints go, each table is rewritten once, and ours are made.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import AddConstraint

from sentinel_netlab.core.ssid import display_ssid
from sentinel_netlab.store.migrations.ddl import make_indexes
from sentinel_netlab.store.migrations.normal import normal

# jsonb refuses what json lets pass: NUL, half of a surrogate pair, huge numbers.
_TO_JSON = r"""
CREATE OR REPLACE FUNCTION pg_temp.older_json(given text) RETURNS jsonb IMMUTABLE
LANGUAGE plpgsql AS $$
BEGIN
  RETURN given::jsonb;
EXCEPTION WHEN data_exception THEN
  BEGIN
    RETURN regexp_replace(given, '(?<!\\)((?:\\\\)*)\\u(0000|[dD][89a-fA-F]..)',
                          '\1\\\\u\2', 'g')::jsonb;
  EXCEPTION WHEN data_exception THEN
    RETURN to_jsonb(given);
  END;
END $$
"""
_INDEXES = """
SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = CAST(:table AS regclass) AND NOT EXISTS (
    SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype <> 'f')
"""
_CONSTRAINTS = """
SELECT conname, contype::text FROM pg_constraint
WHERE conrelid = CAST(:table AS regclass) AND contype IN ('p', 'u', 'f')
ORDER BY contype = 'p', conname
"""
_COLUMNS = """
SELECT attname, atttypid::regtype::text FROM pg_attribute
WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped
"""
_MAC = r"'^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$'"
_ADDRESS_TEXT = (
    "CASE WHEN masklen(ip_address) = CASE family(ip_address) WHEN 4 THEN 32 ELSE 128"
    " END THEN host(ip_address) ELSE text(ip_address) END"
)
_ORPHANS = """
INSERT INTO sensors (id) SELECT DISTINCT sensor_id FROM {table} t
WHERE sensor_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM sensors s WHERE s.id = t.sensor_id)
"""
# What follows the sensor in the id of the job, where no column says it.
_BATCH_IDS = """
UPDATE ingest_jobs j SET batch_id = told.batch_id
FROM (SELECT job_id, sensor_id, substr(job_id, length(sensor_id) + 2) AS batch_id
      FROM ingest_jobs WHERE batch_id IS NULL
      AND left(job_id, length(sensor_id) + 1) = sensor_id || ':') told
WHERE j.job_id = told.job_id AND told.batch_id <> '' AND NOT EXISTS (
    SELECT 1 FROM ingest_jobs o
    WHERE o.sensor_id = told.sensor_id AND o.batch_id = told.batch_id)
"""
_NUMBERED = ("audit_log", "telemetry")


def normalise(connection: sa.Connection) -> None:
    """Bring each table into its shape."""
    connection.exec_driver_sql(_TO_JSON)
    tables = normal("postgresql").sorted_tables
    for table in reversed(tables):  # those that refer to others first
        _drop_keys(connection, table)
    for name in ("telemetry", "alerts"):
        connection.exec_driver_sql(_ORPHANS.format(table=name))
    for table in tables:
        _retype(connection, table)
    connection.exec_driver_sql(_BATCH_IDS)
    connection.exec_driver_sql("UPDATE alerts SET severity = lower(severity)")
    for name in ("telemetry", "alerts"):
        _show_ssids(connection, name)
    for name in _NUMBERED:
        _own_sequence(connection, name)
    for table in tables:
        _make_keys(connection, table)
        make_indexes(connection, table)


def _rows(connection: sa.Connection, query: str, table: str) -> list[Any]:
    return list(connection.execute(sa.text(query), {"table": table}))


def _drop_keys(connection: sa.Connection, table: sa.Table) -> None:
    """Take away indexes and constraints; primary keys that others refer to stay."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    for (name,) in _rows(connection, _INDEXES, table.name):
        connection.exec_driver_sql(f"DROP INDEX {quote(name)}")
    for name, kind in _rows(connection, _CONSTRAINTS, table.name):
        if kind != "p" or table.name == "telemetry":
            what = f"DROP CONSTRAINT {quote(name)}"
        elif name != f"pk_{table.name}":
            what = f"RENAME CONSTRAINT {quote(name)} TO pk_{table.name}"
        else:
            continue
        connection.exec_driver_sql(f"ALTER TABLE {table.name} {what}")


def _retype(connection: sa.Connection, table: sa.Table) -> None:
    """All columns of *table* in one rewrite."""
    there = dict(_rows(connection, _COLUMNS, table.name))
    actions: list[str] = []
    for column in table.columns:
        name = column.name
        wanted = column.type.compile(connection.dialect)
        if name not in there:
            actions.append(f"ADD COLUMN {name} {wanted}")
            continue
        if not (column.primary_key and table.name in _NUMBERED and name == "id"):
            actions.append(f'ALTER "{name}" DROP DEFAULT')
        using = _using(column, there[name])
        actions.append(f'ALTER "{name}" TYPE {wanted} USING {using}')
        if not column.primary_key:
            verb = "DROP" if column.nullable else "SET"
            actions.append(f'ALTER "{name}" {verb} NOT NULL')
    connection.exec_driver_sql(f"ALTER TABLE {table.name} {', '.join(actions)}")


def _using(column: sa.Column[Any], kind: str) -> str:
    """The older value of *column*, which has the type *kind*, as the new one."""
    name = f'"{column.name}"'
    if kind == "timestamp without time zone":
        return f"{name} AT TIME ZONE 'UTC'"
    if kind == "json":
        return f"pg_temp.older_json({name}::text)"
    if kind == "inet":
        return _ADDRESS_TEXT
    if column.name == "bssid":
        return f"CASE WHEN bssid ~ {_MAC} THEN bssid::macaddr END"
    if column.name == "ssid":
        return "convert_to(ssid, 'UTF8')"
    return name


def _own_sequence(connection: sa.Connection, table: str) -> None:
    """Let the table count by a large sequence of its own, ahead of its rows."""
    name = f"{table}_id_seq"
    for statement in (
        f"CREATE SEQUENCE IF NOT EXISTS {name}",
        f"ALTER SEQUENCE {name} AS bigint OWNED BY {table}.id",
        f"ALTER TABLE {table} ALTER id SET DEFAULT nextval('{name}')",
        (
            f"SELECT setval('{name}', greatest((SELECT last_value FROM {name}),"
            f" (SELECT coalesce(max(id), 1) FROM {table})),"
            f" (SELECT is_called FROM {name}) OR EXISTS (SELECT 1 FROM {table}))"
        ),
    ):
        connection.exec_driver_sql(statement)


def _make_keys(connection: sa.Connection, table: sa.Table) -> None:
    for constraint in sorted(table.constraints, key=lambda one: str(one.name)):
        is_key = isinstance(constraint, sa.PrimaryKeyConstraint)
        if not is_key or table.name == "telemetry":
            connection.execute(AddConstraint(constraint))


def _show_ssids(connection: sa.Connection, table: str) -> None:
    """Fill the display texts; each distinct name is shown once."""
    names = connection.exec_driver_sql(
        f"SELECT DISTINCT ssid FROM {table} WHERE ssid IS NOT NULL"
    )
    ssids = [bytes(ssid) for (ssid,) in names]
    connection.exec_driver_sql(
        f"UPDATE {table} t SET ssid_text = m.shown FROM"
        " unnest(%s::bytea[], %s::text[]) AS m(ssid, shown) WHERE t.ssid = m.ssid",
        (ssids, [display_ssid(ssid) for ssid in ssids]),
    )
