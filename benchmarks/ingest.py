"""
``make bench``: accepting batches against handlers that only keep the body.

The same server, the same database, the same requests, in turn.  What is compared is
the CPU time of the serving process for each batch; medians and ratios go to
``docs/evidence/bench-server.json``, with the rates as they were observed (the client
and the database share the machine).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from backports import zstd
from tests.support.batches import furnish
from tests.support.controllers import free_port, now
from tests.support.databases import migrated_database, sql
from tests.support.environments import HMAC_SECRET, SECRET_KEY

from benchmarks.__main__ import ROOT, commit
from benchmarks.worker import make_batches
from sentinel_netlab.client.signer import Signer
from sentinel_netlab.core.signing import derive_key
from sentinel_netlab.core.wire import encode_batch
from sentinel_netlab.store.engine import make_engine

GOAL = 0.4
MODES = ("controller", "core", "driver")
URL = "/api/v1/telemetry"
UNLIMITED = "1000000"


@dataclass(frozen=True, slots=True)
class Round:
    """What a round took."""

    wall_s: float
    cpu_s: float
    latencies_s: Sequence[float]


@dataclass(frozen=True, slots=True)
class Target:
    """A serving process."""

    mode: str
    port: int
    process: psutil.Process


def requests(count: int, size: int, first: int) -> list[bytes]:
    """Signed requests, each with a batch of its own."""
    signers: dict[str, Signer] = {}
    made = []
    for number, batch in enumerate(make_batches(count, size, now())):
        name = batch.sensor_id
        key = derive_key(HMAC_SECRET.encode(), name, 1)
        signer = signers.setdefault(name, Signer(name, 1, key, now))
        batch_id = f"{first + number:032x}"
        content = encode_batch(batch).replace(
            batch.batch_id.encode(), batch_id.encode()
        )
        made.append(_request(signer, batch_id, zstd.compress(content)))
    random.Random(first).shuffle(made)
    return made


def _request(signer: Signer, batch_id: str, body: bytes) -> bytes:
    headers = signer.headers(
        "POST", URL, body, idempotency_key=batch_id, encoding="zstd"
    ) | {
        "Host": "127.0.0.1",
        "Content-Length": str(len(body)),
        "Content-Type": "application/json",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.9",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {URL} HTTP/1.1\r\n{lines}\r\n".encode() + body


@contextmanager
def serving(mode: str, url: str) -> Iterator[Target]:
    """A process that serves in *mode*."""
    port = free_port()
    environ = {
        **os.environ,
        "DATABASE_URL": url,
        "CONTROLLER_SECRET_KEY": SECRET_KEY,
        "CONTROLLER_HMAC_SECRET": HMAC_SECRET,
        "TRUSTED_PROXY_CIDRS": "127.0.0.1",
        "DRAIN_DELAY": "0",
        "SENTINEL_METRICS_PORT": str(free_port()),
        "SENTINEL_ADDRESS_RATE_PER_S": UNLIMITED,
        "SENTINEL_ADDRESS_BURST": UNLIMITED,
        "SENTINEL_CREDENTIAL_RATE_PER_S": UNLIMITED,
        "SENTINEL_CREDENTIAL_BURST": UNLIMITED,
        "SENTINEL_QUEUE_MAX_JOBS": UNLIMITED,
    }
    command = [sys.executable, "-m", "benchmarks.ingest_server", mode, str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environ) as process:
        try:
            yield Target(mode, port, psutil.Process(process.pid))
        finally:
            process.terminate()


async def ready(target: Target) -> None:
    """Wait until the process accepts."""
    for _ in range(600):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        path = "readyz" if target.mode == "controller" else "x"
        writer.write(f"GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        status = await _answer(reader)
        writer.close()
        if status in (200, 202):
            return
        await asyncio.sleep(0.1)
    raise SystemExit(f"{target.mode} does not get ready")


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    return int(head.split()[1])


async def send_all(port: int, waiting: list[bytes], connections: int) -> list[float]:
    """Send everything; seconds that each answer took."""
    took_s: list[float] = []

    async def run() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            request = waiting.pop()
            began = time.perf_counter()
            writer.write(request)
            status = await _answer(reader)
            took_s.append(time.perf_counter() - began)
            if status != 202:
                raise SystemExit(f"a batch was answered with {status}")
        writer.close()

    await asyncio.gather(*(run() for _ in range(connections)))
    return took_s


async def play(target: Target, sent: list[bytes], connections: int) -> Round:
    """One round of *target*."""
    used, began = target.process.cpu_times(), time.perf_counter()
    took_s = await send_all(target.port, sent, connections)
    wall_s = time.perf_counter() - began
    after = target.process.cpu_times()
    cpu_s = after.user + after.system - used.user - used.system
    return Round(wall_s, cpu_s, took_s)


async def measure(
    targets: Sequence[Target], options: argparse.Namespace
) -> dict[str, list[Round]]:
    """All rounds, the targets in turn; the first warms up."""
    rounds: dict[str, list[Round]] = {target.mode: [] for target in targets}
    for target in targets:
        await ready(target)
    for number in range(options.rounds + 1):
        sent = requests(options.batches, options.size, number * options.batches)
        for target in targets:
            one = await play(target, list(sent), options.connections)
            if number:
                rounds[target.mode].append(one)
                cpu_us = one.cpu_s / options.batches * 1e6
                print(f"{target.mode}: {cpu_us:.0f} µs CPU for a batch", flush=True)
    return rounds


def figures(rounds: dict[str, list[Round]], batches: int) -> dict[str, object]:
    """Medians, and the controller's part of the others."""
    cpu = {m: statistics.median(r.cpu_s for r in rs) for m, rs in rounds.items()}
    wall = {m: statistics.median(r.wall_s for r in rs) for m, rs in rounds.items()}
    late = {
        m: statistics.median(statistics.quantiles(r.latencies_s, n=100)[98] for r in rs)
        for m, rs in rounds.items()
    }
    others = [mode for mode in rounds if mode != "controller"]
    return {
        "cpu_us_per_batch": {m: round(s / batches * 1e6) for m, s in cpu.items()},
        "batches_per_s": {m: round(batches / s) for m, s in wall.items()},
        "p99_ms": {m: round(s * 1e3, 1) for m, s in late.items()},
        "ratio_cpu": {m: round(cpu[m] / cpu["controller"], 3) for m in others},
        "ratio_wall": {m: round(wall[m] / wall["controller"], 3) for m in others},
        "goal": GOAL,
    }


async def prepare(url: str) -> None:
    """Sensors, and a table for bodies."""
    engine = make_engine(url)
    async with engine.begin() as c:
        await furnish(c, "roof", "hall", "yard", "gate")
    await engine.dispose()
    sql(url, "CREATE TABLE bench_bodies (id BIGSERIAL PRIMARY KEY, body BYTEA)")


def main() -> None:
    """Measure and write the evidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", default="postgresql16")
    parser.add_argument("--batches", type=int, default=400)
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument(
        "--output", default=str(ROOT / "docs/evidence/bench-server.json")
    )
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = stack.enter_context(migrated_database(options.kind, Path(folder)))
        asyncio.run(prepare(url))
        targets = [stack.enter_context(serving(mode, url)) for mode in MODES]
        rounds = asyncio.run(measure(targets, options))
    result = {
        "commit": commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "database": options.kind,
        "batches": options.batches,
        "observations_in_a_batch": options.size,
        "body_bytes": round(
            statistics.mean(len(r) for r in requests(20, options.size, 0))
        ),
        "rounds": options.rounds,
        "connections": options.connections,
        **figures(rounds, options.batches),
    }
    Path(options.output).write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
