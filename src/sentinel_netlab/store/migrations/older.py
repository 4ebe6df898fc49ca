"""
The tables of the older version, as revision 4085bd1d44e4 made them.

This is history: it does not change when our tables do.
"""

from __future__ import annotations

import sqlalchemy as sa

BASELINE = "4085bd1d44e4"
OLDER_TABLES = (
    "sensors",
    "api_tokens",
    "audit_log",
    "ingest_jobs",
    "telemetry",
    "alerts",
)
"""Those that refer to others come after them."""
_TIME = sa.DateTime(timezone=True)


def baseline(dialect: str) -> sa.MetaData:
    """The six tables; names of constraints are left to the database."""
    metadata = sa.MetaData()
    _sensors(metadata)
    _api_tokens(metadata)
    _audit_log(metadata)
    _ingest_jobs(metadata)
    _telemetry(metadata, dialect)
    _alerts(metadata)
    return metadata


def _sensors(metadata: sa.MetaData) -> None:
    sa.Table(
        "sensors",
        metadata,
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(128)),
        sa.Column("status", sa.String(20)),
        sa.Column("last_heartbeat", _TIME),
        sa.Column("created_at", _TIME),
        sa.Column("config", sa.JSON),
    )


def _api_tokens(metadata: sa.MetaData) -> None:
    sa.Table(
        "api_tokens",
        metadata,
        sa.Column("token_id", sa.String(32), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(128)),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("sensor_id", sa.String(64)),
        sa.Column("created_at", _TIME),
        sa.Column("expires_at", _TIME),
        sa.Column("last_used", _TIME),
        sa.Column("last_sequence", sa.BigInteger),
        sa.Column("is_active", sa.Boolean),
        sa.Index("ix_api_tokens_token_hash", "token_hash", unique=True),
    )


def _audit_log(metadata: sa.MetaData) -> None:
    sa.Table(
        "audit_log",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("timestamp", _TIME),
        sa.Column("event_type", sa.String(50), nullable=False),
        sa.Column("actor", sa.String(64)),
        sa.Column("resource", sa.String(128)),
        sa.Column("action", sa.String(50)),
        sa.Column("details", sa.JSON),
        sa.Column("ip_address", sa.String(45)),
        sa.Index("ix_audit_log_event_type", "event_type"),
        sa.Index("ix_audit_log_timestamp", "timestamp"),
    )


def _ingest_jobs(metadata: sa.MetaData) -> None:
    sa.Table(
        "ingest_jobs",
        metadata,
        sa.Column("job_id", sa.String(64), primary_key=True),
        sa.Column("sensor_id", sa.String(64), nullable=False),
        sa.Column("batch_id", sa.String(64)),
        sa.Column("received_at", _TIME),
        sa.Column("status", sa.String(20)),
        sa.Column("payload", sa.JSON),
        sa.Column("attempts", sa.Integer),
        sa.Column("next_attempt_at", _TIME),
        sa.Column("error_msg", sa.Text),
        sa.UniqueConstraint("sensor_id", "batch_id", name="uq_ingest_sensor_batch"),
        sa.Index("idx_jobs_status_next", "status", "next_attempt_at"),
        sa.Index("ix_ingest_jobs_received_at", "received_at"),
        sa.Index("ix_ingest_jobs_status", "status"),
    )


def _telemetry(metadata: sa.MetaData, dialect: str) -> None:
    # SQLite counts up by itself in a key of one column only.
    key = ("timestamp", "id") if dialect == "postgresql" else ("id",)
    sa.Table(
        "telemetry",
        metadata,
        sa.Column("timestamp", _TIME, nullable=dialect != "postgresql"),
        sa.Column("id", sa.Integer, autoincrement=True),
        sa.Column("sensor_id", sa.String(64), sa.ForeignKey("sensors.id")),
        sa.Column("batch_id", sa.String(64)),
        sa.Column("ingested_at", _TIME),
        sa.Column("bssid", sa.String(17)),
        sa.Column("ssid", sa.String(32)),
        sa.Column("channel", sa.Integer),
        sa.Column("rssi_dbm", sa.Integer),
        sa.Column("frequency_mhz", sa.Integer),
        sa.Column("security", sa.String(20)),
        sa.Column("capabilities", sa.JSON),
        sa.Column("rsn_info", sa.JSON),
        sa.Column("raw_data", sa.JSON),
        sa.PrimaryKeyConstraint(*key),
        sa.Index("ix_telemetry_batch_id", "batch_id"),
        sa.Index("ix_telemetry_bssid", "bssid"),
        sa.Index("ix_telemetry_bssid_timestamp", "bssid", "timestamp"),
        sa.Index("ix_telemetry_sensor_id", "sensor_id"),
        sa.Index("ix_telemetry_sensor_timestamp", "sensor_id", "timestamp"),
        sa.Index("ix_telemetry_timestamp", "timestamp"),
    )


def _alerts(metadata: sa.MetaData) -> None:
    sa.Table(
        "alerts",
        metadata,
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("sensor_id", sa.String(64), sa.ForeignKey("sensors.id")),
        sa.Column("created_at", _TIME),
        sa.Column("alert_type", sa.String(50)),
        sa.Column("severity", sa.String(20)),
        sa.Column("title", sa.String(200)),
        sa.Column("description", sa.Text),
        sa.Column("bssid", sa.String(17)),
        sa.Column("ssid", sa.String(32)),
        sa.Column("evidence", sa.JSON),
        sa.Column("reason_codes", sa.JSON),
        sa.Column("confidence", sa.Float),
        sa.Column("impact", sa.Float),
        sa.Column("risk_score", sa.Float),
        sa.Column("mitre_attack", sa.String(20)),
        sa.Column("status", sa.String(20)),
        sa.Column("resolved_at", _TIME),
        sa.Column("resolved_by", sa.String(64)),
        sa.Index("ix_alerts_alert_type", "alert_type"),
        sa.Index("ix_alerts_created_at", "created_at"),
        sa.Index("ix_alerts_sensor_id", "sensor_id"),
        sa.Index("ix_alerts_severity", "severity"),
        sa.Index("ix_alerts_status", "status"),
        sa.Index("ix_alerts_status_created_at", "status", "created_at"),
    )


def older_rows(connection: sa.Connection) -> bool:
    """Whether there is any row in them."""
    queries = " OR ".join(f"EXISTS (SELECT 1 FROM {name})" for name in OLDER_TABLES)
    return bool(connection.exec_driver_sql(f"SELECT {queries}").scalar_one())
