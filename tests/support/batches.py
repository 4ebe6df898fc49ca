"""Batches as sensors send them, and a database with a site and sensors in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sentinel_netlab.core.times import microseconds
from sentinel_netlab.core.wire import (
    AlertChange,
    Batch,
    ObservationRecord,
    encode_batch,
)
from sentinel_netlab.store.engine import make_engine
from sentinel_netlab.store.queue import enqueue
from sentinel_netlab.store.tables import sensors, sites

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
NOW_US = microseconds(NOW)
AP = "02:00:00:00:00:01"
SENSOR, SITE = "roof", "hq"
_T = TypeVar("_T")


def observation(seq: int = 0, **values: Any) -> ObservationRecord:
    """What the access point looked like in the last window, by default."""
    plain: dict[str, Any] = {
        "window_us": NOW_US - 10_000_000,
        "transmitter": AP,
        "first_us": NOW_US - 9_000_000,
        "last_us": NOW_US - 1_000_000,
        "frames": 90,
        "beacons": 80,
        "channel": 6,
        "frequency_mhz": 2437,
        "bssid": AP,
        "ssid": b"corp".hex(),
        "security": "WPA2-PSK-CCMP",
        "fingerprint": "ab" * 16,
        "signal_frames": 90,
        "signal_mean_dbm": -61.4,
        "signal_min_dbm": -70,
        "signal_max_dbm": -50,
    }
    return ObservationRecord(seq=seq, **(plain | values))


def client(seq: int = 0, address: str = "02:00:00:00:00:0a", **values: Any):
    """What a transmitter that advertises nothing looked like."""
    nothing = dict.fromkeys(("bssid", "ssid", "security", "fingerprint"))
    return observation(seq, transmitter=address, beacons=0, **(nothing | values))


def alert(name: str = "a", **values: Any) -> AlertChange:
    """A flood against the access point."""
    plain: dict[str, Any] = {
        "id": name * 32,
        "code": "WD101",
        "slug": "deauth_flood",
        "title": "Deauthentication flood",
        "severity": "high",
        "confidence": 0.9,
        "first_us": NOW_US - 5_000_000,
        "raised_us": NOW_US - 4_000_000,
        "last_us": NOW_US - 1_000_000,
        "count": 64,
        "key": f"bssid={AP}",
        "attack": "T1499",
        "summary": "64 frames",
        "bssid": AP,
        "evidence": {"peak_frames": 64},
        "frames": [1, 2, 3],
    }
    return AlertChange(**(plain | values))


def batch(number: int = 0, sensor_id: str = SENSOR, **values: Any) -> Batch:
    """A batch of its own number."""
    return Batch(f"{number:032x}", sensor_id, "1", number, NOW_US, **values)


async def put(
    c: AsyncConnection, one: Batch, *, now: datetime = NOW, body: bytes | None = None
) -> str:
    """Queue *one*, or *body* in its name."""
    content = encode_batch(one) if body is None else body
    return await enqueue(
        c,
        sensor_id=one.sensor_id,
        batch_id=one.batch_id,
        body=content,
        encoding="identity",
        digest=sha256(content).hexdigest(),
        now=now,
    )


async def furnish(c: AsyncConnection, *names: str) -> None:
    """A site with the sensors of *names*, enrolled."""
    created = NOW - timedelta(days=1)
    await c.execute(sa.insert(sites).values(id=SITE, name="HQ", created_at=created))
    for name in names or (SENSOR,):
        await c.execute(
            sa.insert(sensors).values(
                id=name, site_id=SITE, status="enrolled", key_version=1, adopted=False
            )
        )


def on_engine(url: str, action: Callable[[AsyncEngine], Awaitable[_T]]) -> _T:
    """What *action* gives, on an engine of its own, in a furnished database."""

    async def run() -> _T:
        engine = make_engine(url)
        try:
            async with engine.begin() as c:
                if not (await c.execute(sa.select(sites.c.id))).first():
                    await furnish(c)
            return await action(engine)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def in_transaction(url: str, action: Callable[[AsyncConnection], Awaitable[_T]]) -> _T:
    """What *action* gives in one transaction, which is committed."""

    async def run(engine: AsyncEngine) -> _T:
        async with engine.begin() as c:
            return await action(c)

    return on_engine(url, run)


async def rows(
    c: AsyncConnection, table: sa.Table, *order: str
) -> list[dict[str, Any]]:
    """All rows of *table*."""
    query = sa.select(table).order_by(*(table.c[name] for name in order))
    return [dict(row) for row in (await c.execute(query)).mappings()]
