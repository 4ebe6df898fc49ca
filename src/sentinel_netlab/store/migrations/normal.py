"""
The older version's tables in one shape, whichever they came in.

Wider, typed (jsonb, macaddr, bytes), with names of constraints that we know.  This is
history: it does not change when our tables do.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MAC = sa.BigInteger().with_variant(postgresql.MACADDR(), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


def normal(dialect: str) -> sa.MetaData:
    """The six tables."""
    metadata = sa.MetaData(naming_convention=NAMES)
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
        sa.Column("config", _JSON),
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
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("timestamp", _TIME, index=True),
        sa.Column("event_type", sa.String(64), nullable=False, index=True),
        sa.Column("actor", sa.String(64)),
        sa.Column("resource", sa.String(256)),
        sa.Column("action", sa.String(64)),
        sa.Column("details", _JSON),
        sa.Column("ip_address", sa.String(45)),
    )


def _ingest_jobs(metadata: sa.MetaData) -> None:
    sa.Table(
        "ingest_jobs",
        metadata,
        sa.Column("job_id", sa.String(129), primary_key=True),
        sa.Column("sensor_id", sa.String(64), nullable=False),
        sa.Column("batch_id", sa.String(64)),
        sa.Column("received_at", _TIME, index=True),
        sa.Column("status", sa.String(20), index=True),
        sa.Column("payload", _JSON),
        sa.Column("attempts", sa.Integer),
        sa.Column("next_attempt_at", _TIME),
        sa.Column("error_msg", sa.Text),
        sa.UniqueConstraint("sensor_id", "batch_id", name="uq_ingest_sensor_batch"),
        sa.Index("idx_jobs_status_next", "status", "next_attempt_at"),
    )


def _telemetry(metadata: sa.MetaData, dialect: str) -> None:
    key = ("timestamp", "id") if dialect == "postgresql" else ("id",)
    sa.Table(
        "telemetry",
        metadata,
        sa.Column("timestamp", _TIME, nullable=False),
        sa.Column("id", _NUMBER, autoincrement=True),
        sa.Column("sensor_id", sa.String(64), sa.ForeignKey("sensors.id"), index=True),
        sa.Column("batch_id", sa.String(64), index=True),
        sa.Column("ingested_at", _TIME),
        sa.Column("bssid", _MAC, index=True),
        sa.Column("ssid", sa.LargeBinary),
        sa.Column("ssid_text", sa.Text),
        sa.Column("channel", sa.Integer),
        sa.Column("rssi_dbm", sa.Integer),
        sa.Column("frequency_mhz", sa.Integer),
        sa.Column("security", sa.String(64)),
        sa.Column("capabilities", _JSON),
        sa.Column("rsn_info", _JSON),
        sa.Column("raw_data", _JSON),
        sa.PrimaryKeyConstraint(*key),
        sa.Index("ix_telemetry_timestamp", "timestamp"),
        sa.Index("ix_telemetry_bssid_timestamp", "bssid", "timestamp"),
        sa.Index("ix_telemetry_sensor_timestamp", "sensor_id", "timestamp"),
    )


def _alerts(metadata: sa.MetaData) -> None:
    sa.Table(
        "alerts",
        metadata,
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("sensor_id", sa.String(64), sa.ForeignKey("sensors.id"), index=True),
        sa.Column("created_at", _TIME, index=True),
        sa.Column("alert_type", sa.String(64), index=True),
        sa.Column("severity", sa.String(20), index=True),
        sa.Column("title", sa.String(200)),
        sa.Column("description", sa.Text),
        sa.Column("bssid", _MAC, index=True),
        sa.Column("ssid", sa.LargeBinary),
        sa.Column("ssid_text", sa.Text),
        sa.Column("evidence", _JSON),
        sa.Column("reason_codes", _JSON),
        sa.Column("confidence", sa.Float),
        sa.Column("impact", sa.Float),
        sa.Column("risk_score", sa.Float),
        sa.Column("mitre_attack", sa.String(32)),
        sa.Column("status", sa.String(20), index=True),
        sa.Column("resolved_at", _TIME),
        sa.Column("resolved_by", sa.String(64)),
        sa.Index("ix_alerts_status_created_at", "status", "created_at"),
    )
