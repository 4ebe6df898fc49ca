"""Sites, their sensors, and what guards a sensor's requests."""

from __future__ import annotations

import sqlalchemy as sa

from sentinel_netlab.store.tables.base import metadata
from sentinel_netlab.store.tables.types import Json, UtcTime

sites = sa.Table(
    "sites",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("policy", Json),
    sa.Column("policy_version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("created_at", UtcTime, nullable=False),
)

sensors = sa.Table(
    "sensors",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(128)),
    # enrolled (never heard), online, offline, disabled; adopted rows may say others
    sa.Column("status", sa.String(20)),
    sa.Column("last_heartbeat", UtcTime),
    sa.Column("created_at", UtcTime),
    sa.Column("config", Json),  # desired configuration
    sa.Column("config_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reported_version", sa.Integer),
    sa.Column("reported_problem", sa.Text),
    sa.Column("site_id", sa.String(64), sa.ForeignKey("sites.id"), index=True),
    sa.Column("key_version", sa.Integer, nullable=False, server_default="0"),
    # keys of versions below this open nothing; 0 with key_version 0: not enrolled
    sa.Column("oldest_key_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("join_code_hash", sa.String(64), index=True),
    sa.Column("join_expires_at", UtcTime),
    sa.Column("latitude_deg", sa.Float),
    sa.Column("longitude_deg", sa.Float),
    sa.Column("position_note", sa.String(200)),
    sa.Column("health", Json),
    sa.Column("clock_offset_s", sa.Float),
    sa.Column("adopted", sa.Boolean, nullable=False, server_default=sa.false()),
)

sensor_nonces = sa.Table(
    "sensor_nonces",
    metadata,
    sa.Column("keyid", sa.String(80), primary_key=True),
    sa.Column("nonce", sa.String(64), primary_key=True),
    sa.Column("expires_at", UtcTime, nullable=False, index=True),
)
