"""Databases as the older version left them, in each shape, with rows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.schema import CreateTable
from tests.support.databases import sync_engine

from sentinel_netlab.store.migrations.ddl import make_indexes
from sentinel_netlab.store.migrations.older import OLDER_TABLES, baseline

SCRIPT_G = Path(__file__).parent / "older_g.sql"
POSTGRESQL = ("baseline", "v1", "D", "F", "G")
SQLITE = ("baseline", "v1", "F")
"""E is v1 without a revision."""
COUNTS = {
    "sensors": 3,
    "api_tokens": 3,
    "audit_log": 20,
    "ingest_jobs": 24,
    "telemetry": 42,
    "alerts": 12,
}
PUBLIC_TOKEN = "admin-token-dev"  # noqa: S105  # the samples hold its hash
PUBLIC_HASH = "096be473706fb65ca0ca12c4134451e1727f48e1bc19dab6104455182281fa1d"
SSIDS = ("CorpNet", "Cafe Ünïcode ☕", None, "a\\b", "")
_WHEN = "2026-02-03 08:{:02}:00.000000"
_EARLY = ("D", "v1")
_LATE_INDEXES = ("ix_alerts_status_created_at", "ix_telemetry_sensor_timestamp")
_KEYS = """
CREATE TABLE sensor_keys (sensor_id VARCHAR(64) NOT NULL PRIMARY KEY
REFERENCES sensors (id), key_hash VARCHAR(64) NOT NULL)
"""


def make_older(url: str, shape: str, *, revision: str | None = None) -> None:
    """Make the tables of *shape* with rows; *revision*: what the database says."""
    engine = sync_engine(url)
    with engine.begin() as connection:
        _make_tables(connection, shape)
        _fill(connection, has_batch_id=shape not in (*_EARLY, "G"))
        if shape == "F":
            connection.exec_driver_sql(_KEYS)
            connection.exec_driver_sql("INSERT INTO sensor_keys VALUES ('s-1', 'x')")
        if revision:
            stamp(connection, revision)


def stamp(connection: sa.Connection, revision: str) -> None:
    """Let the database say that it is at *revision*."""
    for statement in (
        (
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL"
            " CONSTRAINT alembic_version_pkc PRIMARY KEY)"
        ),
        f"INSERT INTO alembic_version VALUES ('{revision}')",  # noqa: S608
    ):
        connection.exec_driver_sql(statement)


def counts(url: str) -> dict[str, int]:
    """Rows of each table of the older version."""
    return {
        name: query(url, f"SELECT count(*) FROM {name}")[0][0]  # noqa: S608
        for name in OLDER_TABLES
    }


def query(url: str, text: str) -> list[Any]:
    """The rows that *text* gives."""
    with sync_engine(url).connect() as connection:
        return list(connection.exec_driver_sql(text))


def change(url: str, *statements: str) -> None:
    """Run *statements* in a transaction."""
    with sync_engine(url).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _make_tables(connection: sa.Connection, shape: str) -> None:
    if shape == "G":
        connection.exec_driver_sql(SCRIPT_G.read_text())
        return
    early = shape in _EARLY
    for table in baseline(connection.dialect.name).sorted_tables:
        text = str(CreateTable(table).compile(connection))
        if early and table.name == "ingest_jobs":
            text = re.sub(r"batch_id VARCHAR\(64\),|,\s*CONSTRAINT uq\w* .*", "", text)
            text += ")" if text.count("(") > text.count(")") else ""
        if shape in ("D", "F"):
            text = text.replace(
                "PRIMARY KEY (timestamp, id)", "PRIMARY KEY (id, timestamp)"
            )
        connection.exec_driver_sql(text)
        for index in list(table.indexes):
            if early and index.name in _LATE_INDEXES:
                table.indexes.discard(index)
        make_indexes(connection, table)


def _fill(connection: sa.Connection, *, has_batch_id: bool) -> None:
    rows = {
        "sensors": _sensors(),
        "api_tokens": _tokens(),
        "audit_log": _audit(),
        "ingest_jobs": _jobs(has_batch_id=has_batch_id),
        "telemetry": _telemetry(),
        "alerts": _alerts(),
    }
    for name, some in rows.items():
        columns = list(some[0])
        values = ", ".join(f":{column}" for column in columns)
        into = f"INSERT INTO {name} ({', '.join(columns)})"
        statement = sa.text(f"{into} VALUES ({values})")
        for row in some:
            connection.execute(statement, row)


def _when(number: int) -> str:
    return _WHEN.format(number % 60)


def _sensors() -> list[dict[str, Any]]:
    return [
        {
            "id": f"s-{number}",
            "name": f"Sensor {number}",
            "status": "online",
            "last_heartbeat": _when(number),
            "created_at": _when(0),
            "config": json.dumps({"channels": [1, 6, 11]}),
        }
        for number in range(1, 4)
    ]


def _tokens() -> list[dict[str, Any]]:
    names = (PUBLIC_TOKEN, "sensor", "analyst")
    return [
        {
            "token_id": f"tok-{number}",
            "token_hash": PUBLIC_HASH if not number else str(number) * 64,
            "name": name,
            "role": ("admin", "sensor", "analyst")[number],
            "created_at": _when(0),
            "expires_at": "2027-02-03 08:00:00.000000",
            "is_active": True,
        }
        for number, name in enumerate(names)
    ]


def _audit() -> list[dict[str, Any]]:
    return [
        {
            "timestamp": _when(number),
            "event_type": "token.create",
            "actor": "admin",
            "resource": f"token:{number}",
            "action": "create",
            "details": json.dumps({"n": number}),
            "ip_address": "10.1.2.3",
        }
        for number in range(COUNTS["audit_log"])
    ]


def _jobs(*, has_batch_id: bool) -> list[dict[str, Any]]:
    found = []
    for number in range(COUNTS["ingest_jobs"]):
        sensor = f"s-{number % 3 + 1}"
        batch = f"{sensor}:{number}"
        row = {
            "job_id": f"{sensor}:{batch}",
            "sensor_id": sensor,
            "received_at": _when(number),
            "status": ("done", "queued", "failed")[number % 3],
            "payload": json.dumps({"items": []}) if number % 3 else "null",
            "attempts": number % 4,
            "next_attempt_at": _when(number),
        }
        if has_batch_id:
            row["batch_id"] = batch if number % 2 else None
        found.append(row)
    return found


def _telemetry() -> list[dict[str, Any]]:
    return [
        {
            "timestamp": _when(number),
            "sensor_id": f"s-{number % 3 + 1}",
            "batch_id": f"s-{number % 3 + 1}:{number}",
            "ingested_at": _when(number),
            "bssid": "3C:84:6A:10:22:01" if number % 7 else "unknown",
            "ssid": SSIDS[number % len(SSIDS)],
            "channel": 6,
            "rssi_dbm": -68,
            "frequency_mhz": 2437,
            "security": "WPA2",
            "capabilities": json.dumps({"privacy": True}),
            "rsn_info": json.dumps({}),
            "raw_data": json.dumps({"timestamp_utc": "2026-02-03T08:00:00.1+00:00"}),
        }
        for number in range(COUNTS["telemetry"])
    ]


def _alerts() -> list[dict[str, Any]]:
    return [
        {
            "id": f"{number:016x}",
            "sensor_id": f"s-{number % 3 + 1}",
            "created_at": _when(number),
            "alert_type": "evil_twin",
            "severity": ("HIGH", "CRITICAL", "MEDIUM")[number % 3],
            "title": "evil_twin: F4:F2:6D:AA:01:10",
            "bssid": "F4:F2:6D:AA:01:10",
            "ssid": SSIDS[number % len(SSIDS)],
            "evidence": json.dumps({"count": number}),
            "reason_codes": json.dumps([]),
            "confidence": 0.5,
            "impact": 50.0,
            "risk_score": 40.0,
            "status": "open" if number % 2 else "resolved",
        }
        for number in range(COUNTS["alerts"])
    ]


def load_dump(url: str, file: Path) -> None:
    """Run what pg_dump wrote."""
    text = re.sub(
        r"^(--|\\(un)?restrict).*\n", "", file.read_text(), flags=re.MULTILINE
    )
    parts = re.split(
        r"^(COPY [^\n]* FROM stdin;)\n(.*?)^\\\.\n",
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    with psycopg.connect(url) as c:
        for number in range(0, len(parts), 3):
            c.execute(parts[number])
            if number + 1 < len(parts):
                with c.cursor().copy(parts[number + 1].rstrip(";")) as copy:
                    copy.write(parts[number + 2])
