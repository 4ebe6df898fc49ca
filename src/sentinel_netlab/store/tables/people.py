"""Users, API tokens, and the chained audit log."""

from __future__ import annotations

import sqlalchemy as sa

from sentinel_netlab.store.tables.base import metadata
from sentinel_netlab.store.tables.types import Identity, Json, UtcTime

users = sa.Table(
    "users",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("role", sa.String(20), nullable=False),  # viewer, analyst, admin
    sa.Column("password_hash", sa.String(200), nullable=False),  # argon2id
    sa.Column("must_change", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("created_at", UtcTime, nullable=False),
)

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    sa.Column("token_id", sa.String(32), primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False),  # SHA-256
    sa.Column("name", sa.String(128)),
    sa.Column("role", sa.String(20), nullable=False),  # viewer, analyst, admin
    sa.Column("sensor_id", sa.String(64)),
    sa.Column("created_at", UtcTime),
    sa.Column("created_by", sa.String(64)),
    sa.Column("expires_at", UtcTime),
    sa.Column("last_used", UtcTime),
    sa.Column("last_sequence", sa.BigInteger),
    sa.Column("is_active", sa.Boolean),
    sa.Column("revoked_at", UtcTime),
    sa.Column("site_id", sa.String(64), sa.ForeignKey("sites.id")),  # None: all sites
    # adopted tokens open nothing, whatever is_active says
    sa.Column("adopted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("ix_api_tokens_token_hash", "token_hash", unique=True),
)

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("id", Identity, primary_key=True, autoincrement=True),
    sa.Column("timestamp", UtcTime, index=True),
    sa.Column("event_type", sa.String(64), nullable=False, index=True),
    sa.Column("actor", sa.String(64)),
    sa.Column("resource", sa.String(256)),
    sa.Column("action", sa.String(64)),
    sa.Column("details", Json),
    sa.Column("ip_address", sa.String(45)),
    # position in the chain from 1, NULL in adopted rows, which stand before it
    sa.Column("position", sa.BigInteger),
    sa.Column("previous_hash", sa.String(64)),
    sa.Column("hash", sa.String(64)),
    sa.Index("uq_audit_log_position", "position", unique=True),
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # always 1
    sa.Column("position", sa.BigInteger, nullable=False),  # rows in the chain
    sa.Column("hash", sa.String(64), nullable=False),  # of the last one
)
