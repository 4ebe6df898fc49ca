"""Batches that wait for a worker, and the changes that screens are told of."""

from __future__ import annotations

import sqlalchemy as sa

from sentinel_netlab.store.tables.base import metadata
from sentinel_netlab.store.tables.types import Identity, Json, UtcTime

ingest_jobs = sa.Table(
    "ingest_jobs",
    metadata,
    sa.Column("job_id", sa.String(129), primary_key=True),  # <sensor id>:<batch id>
    sa.Column("sensor_id", sa.String(64), nullable=False),
    sa.Column("batch_id", sa.String(64)),  # the idempotency key
    sa.Column("received_at", UtcTime, index=True),
    # queued, leased, done, dead
    sa.Column("status", sa.String(20), index=True),
    sa.Column("payload", Json),  # of adopted rows
    sa.Column("attempts", sa.Integer),
    sa.Column("next_attempt_at", UtcTime),
    sa.Column("error_msg", sa.Text),
    sa.Column("body", sa.LargeBinary),  # as received, compressed; NULL once done
    sa.Column("encoding", sa.String(16)),  # zstd, gzip, identity
    sa.Column("digest", sa.String(64)),  # SHA-256 of body
    sa.Column("answer", Json),  # what a duplicate is told
    sa.Column("lease_owner", sa.String(128)),
    sa.Column("lease_until", UtcTime),
    sa.Column("done_at", UtcTime, index=True),
    sa.Column("adopted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("sensor_id", "batch_id", name="uq_ingest_sensor_batch"),
    sa.Index("idx_jobs_status_next", "status", "next_attempt_at"),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", Identity, primary_key=True, autoincrement=True),
    # PostgreSQL: the transaction that wrote the row, by which a reader knows that no
    # earlier one is still open; SQLite has one writer: 0.
    sa.Column("xid", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),  # alert, sensor, incident
    sa.Column("subject_id", sa.String(64), nullable=False),
    sa.Column("payload", Json, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False, index=True),
    sa.Index("ix_events_xid_id", "xid", "id"),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", Identity, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(32), nullable=False),  # log, webhook, syslog, jsonl
    sa.Column("incident_id", sa.String(32), index=True),
    sa.Column("payload", Json, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_attempt_at", UtcTime, nullable=False, index=True),
    sa.Column("lease_until", UtcTime),
    sa.Column("sent_at", UtcTime),
    sa.Column("error_msg", sa.Text),
)
