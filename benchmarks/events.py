"""
How long after a POST a screen hears of the alert, at half of the worker's rate.

One controller and one worker as processes, on a PostgreSQL that keeps what it commits
(fsync on).  First the queue is filled and the worker's rate taken; then batches of the
same kind, each with a new alert, are sent by signed requests at half of that rate, on
time whether answers are late or not, while a stream of events is read.  A latency is
from before the POST to the arrival of the event.  The figures go to
``docs/evidence/bench-events.json``; rates are as observed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import secrets
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import msgspec
from backports import zstd
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.support.databases import migrated_database, server_url, sql
from tests.support.environments import HMAC_SECRET
from tests.support.fleet import fleet

from benchmarks.__main__ import ROOT, commit
from benchmarks.worker import SENSORS, furnish, make_batches
from sentinel_netlab.client.sensor import SensorClient
from sentinel_netlab.client.signer import Signer
from sentinel_netlab.core.signing import derive_key
from sentinel_netlab.core.times import microseconds
from sentinel_netlab.core.wire import AlertChange, Batch, encode_batch
from sentinel_netlab.store.engine import make_engine, reading
from sentinel_netlab.store.queue import depth, enqueue
from sentinel_netlab.store.tokens import NewToken, create_token

GOAL_S = 1.0
PART_OF_RATE = 0.5
WAIT_S = 30.0
AGAIN_S = 0.5
_KEPT = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass
class Screen:
    """
    What is heard; comes again by itself, as browsers do.

    Attributes:
        heard_s: when each alert was heard first, by id.
        times: how often each was heard.
        streams: how many were opened.
    """

    heard_s: dict[str, float] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    streams: int = 0
    last_id: str | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, url: str, token: str) -> None:
        """Read streams, until cancelled."""
        timeout = httpx.Timeout(10.0, read=60.0)
        async with httpx.AsyncClient(timeout=timeout, trust_env=False) as http:
            while True:
                headers = {"authorization": f"Bearer {token}"}
                if self.last_id is not None:
                    headers["last-event-id"] = self.last_id
                place = f"{url}/api/v1/events"
                async with http.stream("GET", place, headers=headers) as answer:
                    if answer.status_code == 200:
                        await self._read(answer)
                await asyncio.sleep(AGAIN_S)

    async def _read(self, answer: httpx.Response) -> None:
        self.streams += 1
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                self.last_id = value
                self.ready.set()
            elif name == "data":
                self._hear(json.loads(value), time.perf_counter())

    def _hear(self, data: dict[str, Any], now_s: float) -> None:
        if data.get("change") == "raised":
            self.heard_s.setdefault(data["id"], now_s)
            self.times[data["id"]] += 1

    async def all_heard(self, count: int) -> None:
        """Wait until *count* alerts were heard, but not for ever."""
        until = time.perf_counter() + WAIT_S
        while len(self.heard_s) < count and time.perf_counter() < until:  # noqa: ASYNC110  # the clock ends it too
            await asyncio.sleep(0.05)


@dataclass
class Sensors:
    """
    What is sent.

    Attributes:
        sent_s: when, by id of the alert.
        answers: how many of each status.
    """

    url: str
    sent_s: dict[str, float] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)

    async def send_all(self, batches: Sequence[Batch], per_s: float) -> float:
        """All *batches*, each at its time; the rate that came about."""
        async with self._clients() as clients, asyncio.TaskGroup() as tasks:
            began = time.perf_counter()
            for number, one in enumerate(batches):
                await asyncio.sleep(began + number / per_s - time.perf_counter())
                body = zstd.compress(encode_batch(one))
                to = clients[one.sensor_id]
                tasks.create_task(self._send(to, one, body))
            taken_s = time.perf_counter() - began
        return len(batches) / taken_s

    async def _send(self, to: SensorClient, one: Batch, body: bytes) -> None:
        self.sent_s[one.alerts[0].id] = time.perf_counter()
        answer = await to.send_batch(one.batch_id, body, "zstd")
        self.answers[answer.status] += 1

    @asynccontextmanager
    async def _clients(self) -> AsyncIterator[dict[str, SensorClient]]:
        clients = {}
        for name in SENSORS:
            key = derive_key(HMAC_SECRET.encode(), name, 1)
            signer = Signer(name, 1, key, lambda: datetime.now(UTC))
            clients[name] = await SensorClient(self.url, signer).__aenter__()
        try:
            yield clients
        finally:
            for one in clients.values():
                await one.__aexit__(None, None, None)


def with_alerts(batches: Sequence[Batch]) -> Iterator[Batch]:
    """Each with an id of its own and one new alert about one of its transmitters."""
    for one in batches:
        seen = one.observations[0]
        now_us = microseconds(datetime.now(UTC))
        raised = AlertChange(
            id=secrets.token_hex(16),
            code="WD101",
            slug="deauth_flood",
            title="Deauthentication flood",
            severity="high",
            confidence=0.9,
            first_us=now_us - 1_000_000,
            raised_us=now_us - 500_000,
            last_us=now_us,
            count=64,
            key=f"receiver={seen.transmitter}",
            attack="T1499",
            summary="64 frames in 0.64 s",
            bssid=seen.transmitter,
            evidence={"peak_frames": 64, "threshold_frames": 10},
        )
        name = secrets.token_hex(16)
        yield msgspec.structs.replace(
            one, batch_id=name, epoch=secrets.token_hex(8), alerts=[raised]
        )


async def rate_of_worker(engine: AsyncEngine, batches: Sequence[Batch]) -> float:
    """Batches a second that the worker brings to an end when it never waits."""
    now = datetime.now(UTC)
    async with engine.begin() as c:
        for one in batches:
            body = zstd.compress(encode_batch(one))
            await enqueue(
                c, sensor_id=one.sensor_id, batch_id=one.batch_id, body=body,
                encoding="zstd", digest=sha256(body).hexdigest(), now=now,
            )  # fmt: skip
    began = time.perf_counter()
    await worked_off(engine)
    return len(batches) / (time.perf_counter() - began)


async def worked_off(engine: AsyncEngine) -> None:
    """Wait until no job waits or is leased."""
    while True:
        async with reading(engine).connect() as c:
            waiting = await depth(c, datetime.now(UTC))
        if waiting.queued + waiting.leased == 0:
            return
        await asyncio.sleep(0.02)


async def play(url: str, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Both parts; the figures."""
    engine = make_engine(url, application_name="bench")
    try:
        await furnish(engine, datetime.now(UTC))
        async with engine.begin() as c:
            new = NewToken("screen", "viewer", 1, "cli:bench", None)
            token, _ = await create_token(c, new, datetime.now(UTC))
        async with fleet(folder, url=url, each=1, kills=()) as made:
            plan = make_batches(options.filling, options.size, datetime.now(UTC))
            worker_per_s = await rate_of_worker(engine, list(with_alerts(plan)))
            return await _at_half(made.controllers[0].url, token, worker_per_s, options)
    finally:
        await engine.dispose()


async def _at_half(
    url: str, token: str, worker_per_s: float, options: argparse.Namespace
) -> dict[str, Any]:
    wanted_per_s = worker_per_s * PART_OF_RATE
    count = int(wanted_per_s * options.seconds)
    batches = list(with_alerts(make_batches(count, options.size, datetime.now(UTC))))
    screen, senders = Screen(), Sensors(url)
    listening = asyncio.create_task(screen.listen(url, token))
    await screen.ready.wait()
    sent_per_s = await senders.send_all(batches, wanted_per_s)
    await screen.all_heard(count)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    return figures(screen, senders, options) | {
        "worker_batches_per_s": round(worker_per_s, 1),
        "sent_batches_per_s": round(sent_per_s, 1),
    }


def figures(
    screen: Screen, senders: Sensors, options: argparse.Namespace
) -> dict[str, Any]:
    """Percentiles of the latencies, and whether anything is missing or said twice."""
    late_s = sorted(
        screen.heard_s[name] - sent_s
        for name, sent_s in senders.sent_s.items()
        if name in screen.heard_s
    )
    cuts = statistics.quantiles(late_s, n=100, method="inclusive")
    return {
        "rows_per_batch": options.size,
        "alerts_sent": len(senders.sent_s),
        "alerts_missing": len(senders.sent_s) - len(late_s),
        "alerts_heard_twice": sum(times > 1 for times in screen.times.values()),
        "streams": screen.streams,
        "answers": {str(status): n for status, n in sorted(senders.answers.items())},
        "latency_ms": {
            "p50": round(cuts[49] * 1000),
            "p95": round(cuts[94] * 1000),
            "p99": round(cuts[98] * 1000),
            "max": round(late_s[-1] * 1000),
        },
        "goal_p99_ms": GOAL_S * 1000,
        "result": "passed" if cuts[98] < GOAL_S else "failed",
    }


def main() -> None:
    """Measure and write the evidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", default="postgresql16")
    parser.add_argument("--size", type=int, default=100, help="rows of a batch")
    parser.add_argument("--filling", type=int, default=300, help="batches for the rate")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument(
        "--output", default=str(ROOT / "docs/evidence/bench-events.json")
    )
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        migrated_database(options.kind, Path(folder)) as url,
    ):
        keep = [f"ALTER SYSTEM SET {name} = on" for name in _KEPT]
        sql(server_url(options.kind), *keep, "SELECT pg_reload_conf()")
        found = asyncio.run(play(url, Path(folder), options))
    result = {
        "commit": commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_average_1min": round(os.getloadavg()[0], 1),
        "niceness": os.nice(0),
        "python": platform.python_version(),
        "database": options.kind,
        "seconds": options.seconds,
        **found,
    }
    Path(options.output).write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
