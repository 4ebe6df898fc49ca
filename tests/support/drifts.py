"""Changes of the real schema that no migration made: the kinds of operations.md."""

from __future__ import annotations

from tests.support.lab_schema import Drift


def _drift(kind: str, *statements: str, told: str, ours: bool = True) -> Drift:
    return Drift(kind, statements, told, ours)


BOTH = [
    _drift("missing table", "DROP TABLE evidence", told="table evidence is missing"),
    _drift(
        "extra table", "CREATE TABLE theirs (x TEXT)", told="table theirs", ours=False
    ),
    _drift(
        "missing column",
        "ALTER TABLE alerts DROP COLUMN note",
        told="alerts: column note is missing",
    ),
    _drift(
        "extra column",
        "ALTER TABLE alerts ADD COLUMN theirs TEXT",
        told="alerts: column theirs is not ours",
        ours=False,
    ),
    _drift(
        "rename",
        "ALTER TABLE alerts RENAME COLUMN note TO remark",
        told="alerts: column note is missing",
    ),
    _drift(
        "missing index",
        "DROP INDEX ix_alerts_code",
        told="alerts: index ix_alerts_code is missing",
    ),
    _drift(
        "extra index",
        "CREATE INDEX theirs ON alerts (note)",
        told="alerts: index theirs is not ours",
        ours=False,
    ),
    _drift(
        "expression index",
        "DROP INDEX ix_alerts_code",
        "CREATE INDEX ix_alerts_code ON alerts (lower(code))",
        told="alerts: index ix_alerts_code is",
    ),
    _drift(
        "index uniqueness",
        "DROP INDEX uq_telemetry_sensor_epoch_seq",
        "CREATE INDEX uq_telemetry_sensor_epoch_seq"
        " ON telemetry (sensor_id, epoch, seq)",
        told="telemetry: index uq_telemetry_sensor_epoch_seq is",
    ),
    _drift(
        "partial-index predicate",
        "DROP INDEX ix_alerts_code",
        "CREATE INDEX ix_alerts_code ON alerts (code) WHERE code <> ''",
        told="alerts: index ix_alerts_code is",
    ),
    _drift(
        "view",
        "CREATE VIEW theirs AS SELECT id FROM alerts",
        told="view theirs is not ours",
        ours=False,
    ),
]
SQLITE = [
    *BOTH,
    _drift(
        "trigger",
        "DROP TRIGGER audit_log_is_not_changed",
        told="audit_log: trigger audit_log_is_not_changed is missing",
    ),
    _drift(
        "extra trigger",
        "CREATE TRIGGER theirs BEFORE INSERT ON alerts BEGIN SELECT 1; END",
        told="alerts: trigger theirs is not ours",
    ),
]
POSTGRESQL = [
    *BOTH,
    _drift(
        "nullable",
        "ALTER TABLE sites ALTER name DROP NOT NULL",
        told="sites: column name is",
    ),
    _drift(
        "type",
        "ALTER TABLE alerts ALTER channel TYPE bigint",
        told="alerts: column channel is: bigint",
    ),
    _drift(
        "length",
        "ALTER TABLE sites ALTER name TYPE varchar(64)",
        told="sites: column name is: character varying(64)",
    ),
    _drift(
        "timestamptz",
        "ALTER TABLE sites ALTER created_at TYPE timestamp",
        told="sites: column created_at is: timestamp without time zone",
    ),
    _drift(
        "json/jsonb",
        "ALTER TABLE sites ALTER policy TYPE json",
        told="sites: column policy is: json ",
    ),
    _drift(
        "unique",
        "ALTER TABLE ingest_jobs DROP CONSTRAINT uq_ingest_sensor_batch",
        told="ingest_jobs: unique constraint uq_ingest_sensor_batch is missing",
    ),
    _drift(
        "foreign key",
        "ALTER TABLE alerts DROP CONSTRAINT fk_alerts_site_id",
        told="alerts: foreign key fk_alerts_site_id is missing",
    ),
    _drift(
        "its ON DELETE",
        "ALTER TABLE alerts DROP CONSTRAINT fk_alerts_site_id",
        "ALTER TABLE alerts ADD CONSTRAINT fk_alerts_site_id"
        " FOREIGN KEY (site_id) REFERENCES sites (id) ON DELETE CASCADE",
        told="alerts: foreign key fk_alerts_site_id is",
    ),
    _drift(
        "server default",
        "ALTER TABLE alerts ALTER closed SET DEFAULT true",
        told="alerts: column closed is",
    ),
    _drift(
        "changed CHECK",
        "ALTER TABLE alerts ADD CONSTRAINT theirs CHECK (count > 0)",
        told="alerts: check theirs is not ours",
    ),
    _drift(
        "INVALID index",
        "UPDATE pg_index SET indisvalid = false"
        " WHERE indexrelid = 'ix_alerts_code'::regclass",
        told="INVALID",
    ),
    _drift(
        "enum value",
        "CREATE TYPE theirs AS ENUM ('one')",
        "ALTER TYPE theirs ADD VALUE 'two'",
        told="enum theirs is not ours",
        ours=False,
    ),
    _drift(
        "dropped primary key",
        "ALTER TABLE evidence DROP CONSTRAINT pk_evidence",
        told="evidence: primary key pk_evidence is missing",
    ),
    _drift(
        "trigger",
        "DROP TRIGGER audit_log_rows_stay ON audit_log",
        told="audit_log: trigger audit_log_rows_stay is missing",
    ),
    _drift(
        "disabled trigger",
        "ALTER TABLE audit_log DISABLE TRIGGER audit_log_rows_stay",
        told="DISABLED",
    ),
    _drift(
        "trigger's function",
        "CREATE OR REPLACE FUNCTION audit_log_stays() RETURNS trigger"
        " LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        told="audit_log: trigger audit_log_rows_stay is",
    ),
    _drift(
        "row level security",
        "ALTER TABLE alerts ENABLE ROW LEVEL SECURITY",
        told="alerts: row level security is: on",
    ),
    _drift(
        "owner",
        "CREATE ROLE sentinel_lab_other",
        "ALTER TABLE alerts OWNER TO sentinel_lab_other",
        told="table alerts is owned by",
        ours=False,
    ),
    _drift(
        "NOT VALID foreign key",
        "ALTER TABLE alerts DROP CONSTRAINT fk_alerts_site_id",
        "ALTER TABLE alerts ADD CONSTRAINT fk_alerts_site_id"
        " FOREIGN KEY (site_id) REFERENCES sites (id) NOT VALID",
        told="NOT VALID",
    ),
    _drift("UNLOGGED", "ALTER TABLE events SET UNLOGGED", told="events: persistence"),
    _drift(
        "sequence",
        "ALTER SEQUENCE events_id_seq AS integer",
        told="events: sequence events_id_seq is: integer",
    ),
]
