"""
The tables that revision c7e2f4a81d35 adds.

This is history: it does not change when our tables do.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from sentinel_netlab.store.migrations.ddl import THERE
from sentinel_netlab.store.migrations.normal import NAMES

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MAC = sa.BigInteger().with_variant(postgresql.MACADDR(), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def additions() -> sa.MetaData:
    """The new tables, and so much of the others as they refer to."""
    metadata = sa.MetaData(naming_convention=NAMES)
    _sites(metadata)
    _people(metadata)
    _inventory(metadata)
    _alerts(metadata)
    _queue(metadata)
    return metadata


def _sites(metadata: sa.MetaData) -> None:
    sa.Table(
        "sites",
        metadata,
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("policy", JSON),
        sa.Column("policy_version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", TIME, nullable=False),
    )
    sa.Table(
        "sensor_nonces",
        metadata,
        sa.Column("keyid", sa.String(80), primary_key=True),
        sa.Column("nonce", sa.String(64), primary_key=True),
        sa.Column("expires_at", TIME, nullable=False, index=True),
    )
    sa.Table(
        "schema_compat",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("min_compatible_code", sa.Integer, nullable=False),
        sa.Column("revision", sa.String(32)),
    )


def _people(metadata: sa.MetaData) -> None:
    sa.Table(
        "users",
        metadata,
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("must_change", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("created_at", TIME, nullable=False),
    )
    sa.Table(
        "audit_head",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )


def _inventory(metadata: sa.MetaData) -> None:
    sa.Table(
        "networks",
        metadata,
        sa.Column(
            "site_id", sa.String(64), sa.ForeignKey("sites.id"), primary_key=True
        ),
        sa.Column("bssid", MAC, primary_key=True),
        sa.Column("ssid", sa.LargeBinary, primary_key=True),
        sa.Column("ssid_text", sa.Text, nullable=False),
        sa.Column("security", sa.String(64)),
        sa.Column("channel", sa.Integer),
        sa.Column("frequency_mhz", sa.Integer),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("beacons", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("frames", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("signal_max_dbm", sa.Integer),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False, index=True),
    )
    sa.Table(
        "stations",
        metadata,
        sa.Column(
            "site_id", sa.String(64), sa.ForeignKey("sites.id"), primary_key=True
        ),
        sa.Column("address", MAC, primary_key=True),
        sa.Column("frames", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("signal_max_dbm", sa.Integer),
        sa.Column("channel", sa.Integer),
        sa.Column("frequency_mhz", sa.Integer),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False, index=True),
    )


def _alerts(metadata: sa.MetaData) -> None:
    sa.Table(
        "incidents",
        metadata,
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("site_id", sa.String(64), sa.ForeignKey("sites.id"), index=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False, server_default="open"),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False, index=True),
        sa.Column("alerts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("subjects", JSON, nullable=False),
    )
    sa.Table(
        "sensors",
        metadata,
        sa.Column("id", sa.String(64), primary_key=True),
        info={THERE: True},
    )
    sa.Table(
        "evidence",
        metadata,
        sa.Column("alert_id", sa.String(32), primary_key=True),
        sa.Column(
            "sensor_id", sa.String(64), sa.ForeignKey("sensors.id"), nullable=False
        ),
        sa.Column("received_at", TIME, nullable=False, index=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("pcapng", sa.LargeBinary, nullable=False),
    )


def _queue(metadata: sa.MetaData) -> None:
    sa.Table(
        "events",
        metadata,
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("xid", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject_id", sa.String(64), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False, index=True),
        sa.Index("ix_events_xid_id", "xid", "id"),
    )
    sa.Table(
        "notices",
        metadata,
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("incident_id", sa.String(32), index=True),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_attempt_at", TIME, nullable=False, index=True),
        sa.Column("lease_until", TIME),
        sa.Column("sent_at", TIME),
        sa.Column("error_msg", sa.Text),
    )
