"""Alerts, the incidents that they make up, and the frames behind them."""

from __future__ import annotations

import sqlalchemy as sa

from sentinel_netlab.store.tables.base import metadata
from sentinel_netlab.store.tables.types import Json, MacAddress, UtcTime

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("site_id", sa.String(64), sa.ForeignKey("sites.id"), index=True),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("severity", sa.String(20), nullable=False),
    sa.Column("status", sa.String(20), nullable=False, server_default="open"),
    sa.Column("first_seen", UtcTime, nullable=False),
    sa.Column("last_seen", UtcTime, nullable=False, index=True),
    sa.Column("alerts", sa.Integer, nullable=False, server_default="0"),
    # addresses and names that tie alerts together: {"bssids": […], "stations": […],
    # "transmitters": […], "ssids": […]} in hexadecimal
    sa.Column("subjects", Json, nullable=False),
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("sensor_id", sa.String(64), sa.ForeignKey("sensors.id"), index=True),
    sa.Column("created_at", UtcTime, index=True),  # stored first, server's clock
    sa.Column("alert_type", sa.String(64), index=True),  # slug of the detector
    sa.Column("severity", sa.String(20), index=True),
    sa.Column("title", sa.String(200)),
    sa.Column("description", sa.Text),  # the summary
    sa.Column("bssid", MacAddress, index=True),
    sa.Column("ssid", sa.LargeBinary),
    sa.Column("ssid_text", sa.Text),
    sa.Column("evidence", Json),
    sa.Column("reason_codes", Json),
    sa.Column("confidence", sa.Float),
    sa.Column("impact", sa.Float),
    sa.Column("risk_score", sa.Float, index=True),
    sa.Column("mitre_attack", sa.String(32)),
    # open, acknowledged, resolved, false_positive
    sa.Column("status", sa.String(20), index=True),
    sa.Column("resolved_at", UtcTime),
    sa.Column("resolved_by", sa.String(64)),
    sa.Column("code", sa.String(16), index=True),
    sa.Column("site_id", sa.String(64), sa.ForeignKey("sites.id"), index=True),
    sa.Column("incident_id", sa.String(32), sa.ForeignKey("incidents.id"), index=True),
    sa.Column("station", MacAddress, index=True),
    sa.Column("transmitter", MacAddress),
    sa.Column("channel", sa.Integer),
    sa.Column("frequency_mhz", sa.Integer),
    sa.Column("subject_key", sa.Text),
    sa.Column("count", sa.BigInteger),
    sa.Column("first_seen", UtcTime, index=True),
    sa.Column("raised_at", UtcTime),
    sa.Column("last_seen", UtcTime, index=True),
    sa.Column("closed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("frames", Json),
    sa.Column("acknowledged_at", UtcTime),
    sa.Column("acknowledged_by", sa.String(64)),
    sa.Column("assignee", sa.String(64)),
    sa.Column("note", sa.Text),
    # rank of the state that the row shows (`core.alert_states`); digits and hex sort
    sa.Column("version", sa.String(80)),
    sa.Column("adopted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("ix_alerts_status_created_at", "status", "created_at"),
    sa.Index("ix_alerts_severity_last_seen", "severity", "last_seen"),
)

evidence = sa.Table(
    "evidence",
    metadata,
    # no foreign key: evidence may come before its alert
    sa.Column("alert_id", sa.String(32), primary_key=True),
    sa.Column("sensor_id", sa.String(64), sa.ForeignKey("sensors.id"), nullable=False),
    sa.Column("received_at", UtcTime, nullable=False, index=True),
    sa.Column("digest", sa.String(64), nullable=False),  # SHA-256 of the content
    sa.Column("pcapng", sa.LargeBinary, nullable=False),
)
