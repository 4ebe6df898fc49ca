"""Every table, as it is at the head of the migrations."""

from sentinel_netlab.store.tables.alerts import alerts, evidence, incidents
from sentinel_netlab.store.tables.base import metadata
from sentinel_netlab.store.tables.inventory import networks, stations
from sentinel_netlab.store.tables.people import (
    api_tokens,
    audit_head,
    audit_log,
    users,
)
from sentinel_netlab.store.tables.queue import events, ingest_jobs, notices
from sentinel_netlab.store.tables.schema import schema_compat
from sentinel_netlab.store.tables.sensors import sensor_nonces, sensors, sites
from sentinel_netlab.store.tables.telemetry import telemetry

__all__ = (
    "alerts",
    "api_tokens",
    "audit_head",
    "audit_log",
    "events",
    "evidence",
    "incidents",
    "ingest_jobs",
    "metadata",
    "networks",
    "notices",
    "schema_compat",
    "sensor_nonces",
    "sensors",
    "sites",
    "stations",
    "telemetry",
    "users",
)
