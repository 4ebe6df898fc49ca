"""Observations: what a sensor saw of a transmitter on a channel in a window."""

from __future__ import annotations

import sqlalchemy as sa

from sentinel_netlab.store.tables.base import metadata
from sentinel_netlab.store.tables.types import Identity, Json, MacAddress, UtcTime

telemetry = sa.Table(
    "telemetry",
    metadata,
    # start of the window (adopted rows: the server's clock)
    sa.Column("timestamp", UtcTime, nullable=False),
    # PostgreSQL: the key is (timestamp, id), as partitions will need it; SQLite counts
    # up by itself in a key of one column only
    sa.Column("id", Identity, primary_key=True, autoincrement=True),
    sa.Column("sensor_id", sa.String(64), sa.ForeignKey("sensors.id"), index=True),
    sa.Column("batch_id", sa.String(64), index=True),
    sa.Column("ingested_at", UtcTime),
    sa.Column("bssid", MacAddress, index=True),
    sa.Column("ssid", sa.LargeBinary),
    sa.Column("ssid_text", sa.Text),
    sa.Column("channel", sa.Integer),
    sa.Column("rssi_dbm", sa.Integer),  # mean, rounded
    sa.Column("frequency_mhz", sa.Integer),
    sa.Column("security", sa.String(64)),
    sa.Column("capabilities", Json),
    sa.Column("rsn_info", Json),
    sa.Column("raw_data", Json),
    sa.Column("transmitter", MacAddress),
    sa.Column("first_seen", UtcTime),
    sa.Column("last_seen", UtcTime),
    sa.Column("frames", sa.BigInteger),
    sa.Column("management", sa.BigInteger),
    sa.Column("control", sa.BigInteger),
    sa.Column("data", sa.BigInteger),
    sa.Column("retries", sa.BigInteger),
    sa.Column("protected", sa.BigInteger),
    sa.Column("octets", sa.BigInteger),
    sa.Column("beacons", sa.BigInteger),
    sa.Column("signal_frames", sa.BigInteger),
    sa.Column("signal_mean_dbm", sa.Float),
    sa.Column("signal_min_dbm", sa.Integer),
    sa.Column("signal_max_dbm", sa.Integer),
    sa.Column("fingerprint", sa.String(64)),
    # the sensor's count of its observations since its epoch: stored once each
    sa.Column("epoch", sa.String(32)),
    sa.Column("seq", sa.BigInteger),
    sa.Column("adopted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("ix_telemetry_timestamp", "timestamp"),
    sa.Index("ix_telemetry_bssid_timestamp", "bssid", "timestamp"),
    sa.Index("ix_telemetry_sensor_timestamp", "sensor_id", "timestamp"),
    # PostgreSQL: with the timestamp, which the primary key of that table holds too
    sa.Index("uq_telemetry_sensor_epoch_seq", "sensor_id", "epoch", "seq", unique=True),
)
