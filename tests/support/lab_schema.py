"""
A small schema that has every kind of object, and the ways in which it may drift.

Our own has no enum and few checks; the kinds are the 28 that operations.md counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from sentinel_netlab.store.schema_state import History

HISTORY = History(head="head", known=frozenset({"base", "head"}))

_VERSION = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)",
    "INSERT INTO alembic_version VALUES ('head')",
    "CREATE TABLE schema_compat (id INTEGER PRIMARY KEY, min_compatible_code INTEGER)",
    "INSERT INTO schema_compat VALUES (1, 1)",
)
_SENSORS = """
CREATE TABLE sensors (
    id VARCHAR(64) NOT NULL CONSTRAINT pk_sensors PRIMARY KEY,
    site_id VARCHAR(64) CONSTRAINT fk_sensors_site_id
        REFERENCES sites (id) ON DELETE CASCADE,
    name VARCHAR(128) DEFAULT 'new' NOT NULL,
    frames INTEGER,
    beat {time},
    config {json},
    state {state},
    CONSTRAINT uq_sensors_name UNIQUE (name),
    CONSTRAINT ck_sensors_frames CHECK (frames >= 0)
)
"""
_COMMON = (
    *_VERSION,
    "CREATE TABLE sites (id VARCHAR(64) NOT NULL CONSTRAINT pk_sites PRIMARY KEY)",
    _SENSORS,
    "CREATE INDEX ix_sensors_lower ON sensors (lower(name))",
    "CREATE UNIQUE INDEX ix_sensors_beat ON sensors (beat)",
    "CREATE INDEX ix_sensors_new ON sensors (site_id) WHERE name = 'new'",
    "CREATE TABLE telemetry (id INTEGER NOT NULL, sensor_id VARCHAR(64))",
    "CREATE TABLE alerts (id VARCHAR(32) NOT NULL CONSTRAINT pk_alerts PRIMARY KEY)",
)
_TYPES = {
    "postgresql": {"time": "timestamptz", "json": "jsonb", "state": "state"},
    "sqlite": {"time": "TIMESTAMP", "json": "JSON", "state": "VARCHAR(8)"},
}
_REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN RAISE EXCEPTION ''no''; END'
"""
_SCHEMAS = {
    "postgresql": (
        "CREATE TYPE state AS ENUM ('open', 'closed')",
        *_COMMON,
        "ALTER TABLE telemetry ADD COLUMN seq BIGSERIAL",
        _REFUSE,
        (
            "CREATE TRIGGER alerts_stay BEFORE DELETE ON alerts"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        ),
    ),
    "sqlite": (
        *_COMMON,
        (
            "CREATE TRIGGER alerts_stay BEFORE DELETE ON alerts"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        ),
    ),
}


def make_schema(connection: sa.Connection) -> None:
    """Make the schema in an empty database."""
    dialect = connection.dialect.name
    for statement in _SCHEMAS[dialect]:
        run(connection, statement.format(**_TYPES[dialect]))


def run(connection: sa.Connection, statement: str) -> None:
    """Run *statement* as it is."""
    connection.execute(sa.text(statement.replace(":", r"\:")))


@dataclass(frozen=True)
class Drift:
    """
    A change that no migration made.

    Attributes:
        statements: SQL, or ``old -> new`` in the text of SQLite's table `sensors`.
        told: a part of the sentence about it.
        ours: whether it is in the code's way.
    """

    kind: str
    statements: tuple[str, ...]
    told: str
    ours: bool = True

    def apply(self, connection: sa.Connection) -> None:
        """Make the change."""
        for statement in self.statements:
            old, arrow, new = statement.partition(" -> ")
            if arrow:
                rebuild_sensors(connection, old, new)
            else:
                run(connection, statement)


def rebuild_sensors(connection: sa.Connection, old: str, new: str) -> None:
    """Make SQLite's table `sensors` anew with *new* for *old* in its text."""
    query = "SELECT sql FROM sqlite_master WHERE tbl_name = 'sensors' AND sql <> ''"
    table, *others = [row[0] for row in connection.execute(sa.text(query))]
    assert old in table
    run(connection, "DROP TABLE sensors")
    run(connection, table.replace(old, new))
    for statement in others:
        run(connection, statement)


def _drift(kind: str, *statements: str, told: str, ours: bool = True) -> Drift:
    return Drift(kind, statements, told, ours)


_BOTH = [
    _drift("missing table", "DROP TABLE alerts", told="table alerts is missing"),
    _drift(
        "extra table", "CREATE TABLE theirs (x TEXT)", told="table theirs", ours=False
    ),
    _drift(
        "extra column",
        "ALTER TABLE sensors ADD COLUMN theirs TEXT",
        told="sensors: column theirs is not ours",
        ours=False,
    ),
    _drift(
        "missing column",
        "ALTER TABLE sensors DROP COLUMN config",
        told="sensors: column config is missing",
    ),
    _drift(
        "rename",
        "ALTER TABLE sensors RENAME COLUMN config TO settings",
        told="sensors: column config is missing",
    ),
    _drift(
        "expression index",
        "DROP INDEX ix_sensors_lower",
        "CREATE INDEX ix_sensors_lower ON sensors (upper(name))",
        told="sensors: index ix_sensors_lower is",
    ),
    _drift(
        "missing index",
        "DROP INDEX ix_sensors_lower",
        told="sensors: index ix_sensors_lower is missing",
    ),
    _drift(
        "extra index",
        "CREATE INDEX theirs ON sensors (config)",
        told="sensors: index theirs is not ours",
        ours=False,
    ),
    _drift(
        "index uniqueness",
        "DROP INDEX ix_sensors_beat",
        "CREATE INDEX ix_sensors_beat ON sensors (beat)",
        told="sensors: index ix_sensors_beat is",
    ),
    _drift(
        "partial-index predicate",
        "DROP INDEX ix_sensors_new",
        "CREATE INDEX ix_sensors_new ON sensors (site_id) WHERE name = 'old'",
        told="sensors: index ix_sensors_new is",
    ),
    _drift(
        "view",
        "CREATE VIEW theirs AS SELECT id FROM sensors",
        told="view theirs is not ours",
        ours=False,
    ),
]
SQLITE = [
    *_BOTH,
    _drift("nullable", "'new' NOT NULL -> 'new'", told="sensors: column name is"),
    _drift("type", "frames INTEGER -> frames TEXT", told="sensors: column frames is"),
    _drift("length", "VARCHAR(128) -> VARCHAR(64)", told="sensors: column name is"),
    _drift("server default", "'new' -> 'old'", told="sensors: column name is"),
    _drift(
        "unique",
        "CONSTRAINT uq_sensors_name UNIQUE (name), -> ",
        told="sensors: unique constraint (name) is missing",
    ),
    _drift(
        "foreign key",
        "CONSTRAINT fk_sensors_site_id\n        REFERENCES sites (id)"
        " ON DELETE CASCADE -> ",
        told="sensors: foreign key (site_id) is missing",
    ),
    _drift(
        "its ON DELETE", "CASCADE -> SET NULL", told="sensors: foreign key (site_id)"
    ),
    _drift(
        "dropped CHECK",
        ",\n    CONSTRAINT ck_sensors_frames CHECK (frames >= 0) -> ",
        told="sensors: check ck_sensors_frames is missing",
    ),
    _drift(
        "changed CHECK", ">= 0 -> >= -1", told="sensors: check ck_sensors_frames is"
    ),
    _drift(
        "dropped primary key",
        " CONSTRAINT pk_sensors PRIMARY KEY -> ",
        told="sensors: primary key is missing",
    ),
    _drift(
        "trigger",
        "DROP TRIGGER alerts_stay",
        told="alerts: trigger alerts_stay is missing",
    ),
    _drift(
        "extra trigger",
        "CREATE TRIGGER theirs BEFORE INSERT ON sensors BEGIN SELECT 1; END",
        told="sensors: trigger theirs is not ours",
    ),
    _drift("collation", "DEFAULT 'new' -> COLLATE NOCASE DEFAULT 'new'", told="nocase"),
]
_ALTER = "ALTER TABLE sensors "
POSTGRESQL = [
    *_BOTH,
    _drift("nullable", _ALTER + "ALTER name DROP NOT NULL", told="column name is"),
    _drift(
        "type", _ALTER + "ALTER frames TYPE bigint", told="column frames is: bigint"
    ),
    _drift("length", _ALTER + "ALTER name TYPE varchar(64)", told="varying(64)"),
    _drift("timestamptz", _ALTER + "ALTER beat TYPE timestamp", told="column beat is"),
    _drift(
        "json/jsonb", _ALTER + "ALTER config TYPE json", told="column config is: json"
    ),
    _drift(
        "unique",
        _ALTER + "DROP CONSTRAINT uq_sensors_name",
        told="sensors: unique constraint uq_sensors_name is missing",
    ),
    _drift(
        "extra unique",
        _ALTER + "ADD CONSTRAINT theirs UNIQUE (frames)",
        told="sensors: unique constraint theirs is not ours",
    ),
    _drift(
        "foreign key",
        _ALTER + "DROP CONSTRAINT fk_sensors_site_id",
        told="sensors: foreign key fk_sensors_site_id is missing",
    ),
    _drift(
        "its ON DELETE",
        _ALTER + "DROP CONSTRAINT fk_sensors_site_id",
        _ALTER + "ADD CONSTRAINT fk_sensors_site_id FOREIGN KEY (site_id)"
        " REFERENCES sites (id)",
        told="sensors: foreign key fk_sensors_site_id is",
    ),
    _drift("server default", _ALTER + "ALTER name DROP DEFAULT", told="column name is"),
    _drift(
        "dropped CHECK",
        _ALTER + "DROP CONSTRAINT ck_sensors_frames",
        told="sensors: check ck_sensors_frames is missing",
    ),
    _drift(
        "changed CHECK",
        _ALTER + "DROP CONSTRAINT ck_sensors_frames",
        _ALTER + "ADD CONSTRAINT ck_sensors_frames CHECK (frames >= -1)",
        told="sensors: check ck_sensors_frames is",
    ),
    _drift(
        "INVALID index",
        "UPDATE pg_index SET indisvalid = false"
        " WHERE indexrelid = 'ix_sensors_lower'::regclass",
        told="INVALID",
    ),
    _drift(
        "enum value",
        "ALTER TYPE state ADD VALUE 'lost'",
        told="type state: labels is: 'open', 'closed', 'lost'",
    ),
    _drift(
        "dropped primary key",
        _ALTER + "DROP CONSTRAINT pk_sensors",
        told="sensors: primary key pk_sensors is missing",
    ),
    _drift(
        "trigger",
        "DROP TRIGGER alerts_stay ON alerts",
        told="alerts: trigger alerts_stay is missing",
    ),
    _drift(
        "disabled trigger",
        "ALTER TABLE alerts DISABLE TRIGGER alerts_stay",
        told="DISABLED",
    ),
    _drift(
        "trigger's function",
        _REFUSE.replace("CREATE", "CREATE OR REPLACE").replace(
            "RAISE EXCEPTION ''no''", "RETURN OLD"
        ),
        told="alerts: trigger alerts_stay is",
    ),
    _drift(
        "extra trigger",
        "CREATE TRIGGER theirs BEFORE INSERT ON sensors"
        " FOR EACH ROW EXECUTE FUNCTION refuse()",
        told="sensors: trigger theirs is not ours",
    ),
    _drift(
        "rule",
        "CREATE RULE theirs AS ON INSERT TO sensors DO INSTEAD NOTHING",
        told="sensors: rule theirs is not ours",
    ),
    _drift(
        "row level security",
        _ALTER + "ENABLE ROW LEVEL SECURITY",
        told="sensors: row level security is: on",
    ),
    _drift(
        "owner",
        "CREATE ROLE sentinel_lab_other",
        "ALTER TABLE sensors OWNER TO sentinel_lab_other",
        told="table sensors is owned by",
        ours=False,
    ),
    _drift(
        "NOT VALID foreign key",
        _ALTER + "DROP CONSTRAINT fk_sensors_site_id",
        _ALTER + "ADD CONSTRAINT fk_sensors_site_id FOREIGN KEY (site_id)"
        " REFERENCES sites (id) ON DELETE CASCADE NOT VALID",
        told="NOT VALID",
    ),
    _drift("UNLOGGED", "ALTER TABLE alerts SET UNLOGGED", told="unlogged"),
    _drift(
        "sequence",
        "ALTER SEQUENCE telemetry_seq_seq AS integer",
        told="telemetry: sequence telemetry_seq_seq is: integer",
    ),
]
