"""Databases older than what is adopted, by their names in the page of its schema."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.older import change, make_older

A2 = (
    (
        "CREATE TABLE telemetry (id INTEGER PRIMARY KEY, sensor_id VARCHAR(64),"
        " batch_id VARCHAR(64), ingested_at TIMESTAMP, data TEXT)"
    ),
    (
        "CREATE TABLE alerts (id VARCHAR(32) PRIMARY KEY, sensor_id VARCHAR(64),"
        " created_at TIMESTAMP, alert_type VARCHAR(50), severity VARCHAR(20),"
        " title VARCHAR(200), description TEXT, evidence TEXT)"
    ),
    "CREATE TABLE tokens (id INTEGER PRIMARY KEY, name VARCHAR(100))",
)
B = ("ALTER TABLE api_tokens RENAME COLUMN token_id TO id", "DROP TABLE ingest_jobs")
C = ("DROP TABLE audit_log", "ALTER TABLE ingest_jobs ADD COLUMN item_count INTEGER")


def _a(url: str) -> None:
    change(url, *A2)


def _b(url: str) -> None:
    make_older(url, "baseline")
    change(url, *B)


def _c(url: str) -> None:
    make_older(url, "baseline")
    change(url, *C)


REFUSED: dict[str, Callable[[str], None]] = {"A": _a, "B": _b, "C": _c}
"""How each is made in an empty database."""
