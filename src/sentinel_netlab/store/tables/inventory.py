"""The inventory of each site: networks and their stations."""

from __future__ import annotations

import sqlalchemy as sa

from sentinel_netlab.store.tables.base import metadata
from sentinel_netlab.store.tables.types import MacAddress, UtcTime

networks = sa.Table(
    "networks",
    metadata,
    sa.Column("site_id", sa.String(64), sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("bssid", MacAddress, primary_key=True),
    sa.Column("ssid", sa.LargeBinary, primary_key=True),  # empty: hidden
    sa.Column("ssid_text", sa.Text, nullable=False),
    sa.Column("security", sa.String(64)),
    sa.Column("channel", sa.Integer),
    sa.Column("frequency_mhz", sa.Integer),
    sa.Column("fingerprint", sa.String(64)),
    sa.Column("beacons", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("frames", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("signal_max_dbm", sa.Integer),
    sa.Column("first_seen", UtcTime, nullable=False),
    # security, channel and fingerprint are those of this time
    sa.Column("last_seen", UtcTime, nullable=False, index=True),
)

stations = sa.Table(
    "stations",
    metadata,
    sa.Column("site_id", sa.String(64), sa.ForeignKey("sites.id"), primary_key=True),
    sa.Column("address", MacAddress, primary_key=True),
    sa.Column("frames", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("signal_max_dbm", sa.Integer),
    sa.Column("channel", sa.Integer),
    sa.Column("frequency_mhz", sa.Integer),
    sa.Column("first_seen", UtcTime, nullable=False),
    sa.Column("last_seen", UtcTime, nullable=False, index=True),
)
