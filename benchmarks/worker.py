"""
The worker against a bare COPY of the same rows into the same indexed table, in turn.

Both run in this process, COPY on one connection, the worker on one for each of its
lanes; on a PostgreSQL of the tests (no fsync).  CPU is that of this process and of the
server's, over the whole round; medians go to ``docs/evidence/bench-worker.json``.
``copy`` is one COPY of all rows; ``commits`` is one for each batch, as a worker that
must not lose a batch has to commit.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psutil
import sqlalchemy as sa
import structlog
from backports import zstd
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from tests.support.databases import migrated_database

from benchmarks.__main__ import ROOT, commit
from sentinel_netlab.core.times import microseconds
from sentinel_netlab.core.wire import Batch, ObservationRecord, encode_batch
from sentinel_netlab.store.engine import make_engine
from sentinel_netlab.store.observations import Origin, copy_lines, write_lines
from sentinel_netlab.store.queue import enqueue
from sentinel_netlab.store.tables import (
    events,
    ingest_jobs,
    networks,
    sensors,
    sites,
    stations,
    telemetry,
)
from sentinel_netlab.worker.jobs import Bench, work_once
from sentinel_netlab.worker.metrics import Metrics
from sentinel_netlab.worker.process import LANES

GOAL = 0.4
SENSORS = ("roof", "hall", "yard", "gate")
ACCESS_POINTS, CLIENTS = 80, 600
WINDOW = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a round took, in seconds."""

    wall_s: float
    cpu_s: float


def make_batches(count: int, size: int, now: datetime) -> list[Batch]:
    """*count* windows of *size* transmitters, of sensors by turns."""
    chance = random.Random(1)
    first = now - WINDOW * count
    return [
        Batch(
            f"{number:032x}", SENSORS[number % len(SENSORS)], "1", number,
            microseconds(now),
            observations=[
                _observation(number * size + place, chance, first + WINDOW * number)
                for place in range(size)
            ],
        )
        for number in range(count)
    ]  # fmt: skip


def _observation(
    seq: int, chance: random.Random, window: datetime
) -> ObservationRecord:
    window_us = microseconds(window)
    beacons = chance.random() < ACCESS_POINTS / (ACCESS_POINTS + CLIENTS)
    number = chance.randrange(ACCESS_POINTS if beacons else CLIENTS)
    address = f"02:00:0{int(beacons)}:00:{number >> 8:02x}:{number & 255:02x}"
    frames = chance.randint(1, 200)
    return ObservationRecord(
        seq=seq,
        window_us=window_us,
        transmitter=address,
        first_us=window_us + chance.randrange(5_000_000),
        last_us=window_us + 5_000_000 + chance.randrange(5_000_000),
        frames=frames,
        channel=chance.choice((1, 6, 11, 36, 44)),
        frequency_mhz=2437,
        management=frames // 2,
        data=frames - frames // 2,
        retries=frames // 9,
        protected=frames // 3,
        octets=frames * chance.randint(60, 900),
        beacons=frames // 2 if beacons else 0,
        signal_frames=frames,
        signal_mean_dbm=-30.0 - chance.random() * 60,
        signal_min_dbm=-90,
        signal_max_dbm=-30,
        bssid=address if beacons else None,
        ssid=f"network {number % 20}".encode().hex() if beacons else None,
        security="WPA2-PSK-CCMP" if beacons else None,
        fingerprint=f"{number:032x}" if beacons else None,
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """Where rounds are played: each begins with empty tables and a full queue."""

    engine: AsyncEngine
    batches: Sequence[Batch]
    now: datetime

    async def empty(self) -> None:
        """As at the beginning."""
        tables = (telemetry, networks, stations, events, ingest_jobs)
        engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        async with engine.connect() as c:
            names = ", ".join(table.name for table in tables)
            await c.execute(sa.text(f"TRUNCATE {names} CASCADE"))
            await c.execute(sa.text("VACUUM"))
            await c.execute(sa.text("CHECKPOINT"))

    async def worker(self) -> Callable[[], Awaitable[None]]:
        """The queue, worked off by one worker."""
        async with self.engine.begin() as c:
            for one in self.batches:
                await _enqueue(c, one, self.now)
        bench = Bench(
            engine=self.engine,
            owner="bench",
            lease_s=60.0,
            clock=lambda: self.now,
            channels=(),
            log=structlog.get_logger(),
            metrics=Metrics(),
        )

        async def lane() -> None:
            while await work_once(bench):
                pass

        async def run() -> None:
            await asyncio.gather(*(lane() for _ in range(LANES)))

        return run

    async def copy(self) -> Callable[[], Awaitable[None]]:
        """All rows in one COPY."""
        lines = b"".join(self._lines())

        async def run() -> None:
            async with self.engine.begin() as c:
                await write_lines(c, lines)

        return run

    async def commits(self) -> Callable[[], Awaitable[None]]:
        """A COPY and a commit for each batch."""
        parts = self._lines()

        async def run() -> None:
            for lines in parts:
                async with self.engine.begin() as c:
                    await write_lines(c, lines)

        return run

    def _lines(self) -> list[bytes]:
        return [
            copy_lines(
                Origin(one.sensor_id, one.batch_id, one.epoch, self.now),
                one.observations,
                {},
            )
            for one in self.batches
        ]


async def _enqueue(c: AsyncConnection, one: Batch, now: datetime) -> None:
    body = zstd.compress(encode_batch(one))
    await enqueue(
        c,
        sensor_id=one.sensor_id,
        batch_id=one.batch_id,
        body=body,
        encoding="zstd",
        digest=sha256(body).hexdigest(),
        now=now,
    )


async def furnish(engine: AsyncEngine, now: datetime) -> None:
    """A site with its sensors."""
    async with engine.begin() as c:
        await c.execute(sa.insert(sites).values(id="hq", name="HQ", created_at=now))
        for name in SENSORS:
            await c.execute(
                sa.insert(sensors).values(
                    id=name, site_id="hq", status="online", key_version=1
                )
            )


async def servers_of(engine: AsyncEngine) -> list[psutil.Process]:
    """The server's processes for our connections."""
    async with contextlib.AsyncExitStack() as stack:
        some = [await stack.enter_async_context(engine.connect()) for _ in range(LANES)]
        query = sa.text("SELECT pg_backend_pid()")
        pids = [(await c.execute(query)).scalar_one() for c in some]
    return [psutil.Process(pid) for pid in pids]


async def measure(
    run: Callable[[], Awaitable[None]], servers: list[psutil.Process]
) -> Cost:
    """Wall time, and CPU of all processes."""
    theirs_s = -_cpu_s(servers)
    wall, own = time.perf_counter(), time.process_time()
    await run()
    wall_s, own_s = time.perf_counter() - wall, time.process_time() - own
    return Cost(wall_s, own_s + theirs_s + _cpu_s(servers))


def _cpu_s(processes: list[psutil.Process]) -> float:
    times = [one.cpu_times() for one in processes]
    return sum(one.user + one.system for one in times)


async def play(url: str, count: int, size: int, rounds: int) -> dict[str, list[Cost]]:
    """All rounds."""
    now = datetime.now(UTC)
    engine = make_engine(url, application_name="bench", pool_size=LANES, pings=False)
    stage = Stage(engine, make_batches(count, size, now), now)
    costs: dict[str, list[Cost]] = {"copy": [], "commits": [], "worker": []}
    try:
        await furnish(engine, now)
        for number in range(rounds + 1):
            for name, taken in costs.items():
                await stage.empty()
                run = await getattr(stage, name)()
                cost = await measure(run, await servers_of(engine))
                if number:  # the first round warms up
                    taken.append(cost)
                    print(f"{name}: {cost.wall_s:.2f} s, {cost.cpu_s:.2f} s CPU")
    finally:
        await engine.dispose()
    return costs


def figures(costs: dict[str, list[Cost]], rows: int) -> dict[str, object]:
    """Medians as rows a second, and the worker's part of the others'."""
    medians = {
        name: Cost(
            statistics.median(one.wall_s for one in taken),
            statistics.median(one.cpu_s for one in taken),
        )
        for name, taken in costs.items()
    }
    worker = medians.pop("worker")
    return {
        "rows": rows,
        "rows_per_s": {
            "worker": round(rows / worker.wall_s),
            **{name: round(rows / one.wall_s) for name, one in medians.items()},
        },
        "cpu_us_per_row": {
            "worker": round(worker.cpu_s / rows * 1e6, 1),
            **{name: round(one.cpu_s / rows * 1e6, 1) for name, one in medians.items()},
        },
        "ratio_wall": {
            name: round(one.wall_s / worker.wall_s, 3) for name, one in medians.items()
        },
        "ratio_cpu": {
            name: round(one.cpu_s / worker.cpu_s, 3) for name, one in medians.items()
        },
    }


def main() -> None:
    """Measure and write the evidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", default="postgresql16")
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 2_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--output", default=str(ROOT / "docs/evidence/bench-worker.json")
    )
    options = parser.parse_args()
    by_size = {}
    for size in options.sizes:
        print(f"{size} rows in a batch")
        with (
            tempfile.TemporaryDirectory() as folder,
            migrated_database(options.kind, Path(folder)) as url,
        ):
            count = options.rows // size
            costs = asyncio.run(play(url, count, size, options.rounds))
        by_size[str(size)] = figures(costs, count * size)
    result = {
        "commit": commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "database": options.kind,
        "rounds": options.rounds,
        "goal": GOAL,
        "by_rows_in_a_batch": by_size,
    }
    Path(options.output).write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
