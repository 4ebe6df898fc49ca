"""
What revision c7e2f4a81d35 adds to the tables of the older version.

This is history: it does not change when our tables do.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from sentinel_netlab.store.migrations.ours import JSON, MAC, TIME

Columns = list[sa.Column[Any]]


def added() -> dict[str, Columns]:
    """Columns by table, but for `adopted`."""
    return {
        "sensors": _sensors(),
        "telemetry": _telemetry(),
        "alerts": _alerts(),
        "ingest_jobs": [
            sa.Column("body", sa.LargeBinary),
            sa.Column("encoding", sa.String(16)),
            sa.Column("digest", sa.String(64)),
            sa.Column("answer", JSON),
            sa.Column("lease_owner", sa.String(128)),
            sa.Column("lease_until", TIME),
            sa.Column("done_at", TIME),
        ],
        "api_tokens": [
            sa.Column("created_by", sa.String(64)),
            sa.Column("revoked_at", TIME),
            sa.Column("site_id", sa.String(64)),
        ],
        "audit_log": [
            sa.Column("position", sa.BigInteger),
            sa.Column("previous_hash", sa.String(64)),
            sa.Column("hash", sa.String(64)),
        ],
    }


ADOPTED = ("alerts", "api_tokens", "ingest_jobs", "sensors", "telemetry")
"""Tables whose rows say whether they are adopted."""
REFERENCES = {
    ("alerts", "site_id"): "sites",
    ("alerts", "incident_id"): "incidents",
    ("api_tokens", "site_id"): "sites",
    ("sensors", "site_id"): "sites",
}
"""Added columns that refer to the column `id` of a table."""
INDEXES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("alerts", ("code",)),
    ("alerts", ("first_seen",)),
    ("alerts", ("incident_id",)),
    ("alerts", ("last_seen",)),
    ("alerts", ("risk_score",)),
    ("alerts", ("severity", "last_seen")),
    ("alerts", ("site_id",)),
    ("alerts", ("station",)),
    ("ingest_jobs", ("done_at",)),
    ("sensors", ("join_code_hash",)),
    ("sensors", ("site_id",)),
)
UNIQUE = (
    ("uq_audit_log_position", "audit_log", ("position",)),
    ("uq_telemetry_sensor_epoch_seq", "telemetry", ("sensor_id", "epoch", "seq")),
)


def _sensors() -> Columns:
    return [
        sa.Column("config_version", sa.Integer, nullable=False, server_default="0"),
        sa.Column("reported_version", sa.Integer),
        sa.Column("reported_problem", sa.Text),
        sa.Column("site_id", sa.String(64)),
        sa.Column("key_version", sa.Integer, nullable=False, server_default="0"),
        sa.Column("oldest_key_version", sa.Integer, nullable=False, server_default="0"),
        sa.Column("join_code_hash", sa.String(64)),
        sa.Column("join_expires_at", TIME),
        sa.Column("latitude_deg", sa.Float),
        sa.Column("longitude_deg", sa.Float),
        sa.Column("position_note", sa.String(200)),
        sa.Column("health", JSON),
        sa.Column("clock_offset_s", sa.Float),
    ]


def _telemetry() -> Columns:
    counts = ("frames", "management", "control", "data", "retries", "protected")
    more = ("octets", "beacons", "signal_frames")
    return [
        sa.Column("transmitter", MAC),
        sa.Column("first_seen", TIME),
        sa.Column("last_seen", TIME),
        *(sa.Column(name, sa.BigInteger) for name in (*counts, *more)),
        sa.Column("signal_mean_dbm", sa.Float),
        sa.Column("signal_min_dbm", sa.Integer),
        sa.Column("signal_max_dbm", sa.Integer),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("epoch", sa.String(32)),
        sa.Column("seq", sa.BigInteger),
    ]


def _alerts() -> Columns:
    return [
        sa.Column("code", sa.String(16)),
        sa.Column("site_id", sa.String(64)),
        sa.Column("incident_id", sa.String(32)),
        sa.Column("station", MAC),
        sa.Column("transmitter", MAC),
        sa.Column("channel", sa.Integer),
        sa.Column("frequency_mhz", sa.Integer),
        sa.Column("subject_key", sa.Text),
        sa.Column("count", sa.BigInteger),
        sa.Column("first_seen", TIME),
        sa.Column("raised_at", TIME),
        sa.Column("last_seen", TIME),
        sa.Column("closed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("frames", JSON),
        sa.Column("acknowledged_at", TIME),
        sa.Column("acknowledged_by", sa.String(64)),
        sa.Column("assignee", sa.String(64)),
        sa.Column("note", sa.Text),
        sa.Column("version", sa.String(80)),
    ]
