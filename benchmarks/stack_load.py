"""
What `benchmarks.stack` sends: signed batches over TLS connections that stay open.

A process of its own, where the stack's ports can be reached; it prints what it saw as
JSON.  The master secret comes from the environment.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import ssl
import time
from datetime import UTC, datetime
from typing import Any

import msgspec
import psutil
from backports import zstd

from benchmarks.worker import make_batches
from sentinel_netlab.client.signer import Signer
from sentinel_netlab.core.signing import derive_key
from sentinel_netlab.core.wire import encode_batch

URL = "/api/v1/telemetry"
TAKEN = 202


def now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def requests(count: int, size: int, first: int, master: bytes) -> list[bytes]:
    """Signed requests, each with a batch of its own; *first* tells calls apart."""
    signers: dict[str, Signer] = {}
    made = []
    for number, one in enumerate(make_batches(count, size, now())):
        name = one.sensor_id
        key = derive_key(master, name, 1)
        signer = signers.setdefault(name, Signer(name, 1, key, now))
        batch = msgspec.structs.replace(
            one, batch_id=f"{first + number:032x}", epoch=f"{first + 1:x}"
        )
        body = zstd.compress(encode_batch(batch))
        headers = signer.headers(
            "POST", URL, body, idempotency_key=batch.batch_id, encoding="zstd"
        ) | {
            "Host": "127.0.0.1",
            "Content-Length": str(len(body)),
            "Content-Type": "application/json",
        }
        lines = "".join(f"{field}: {value}\r\n" for field, value in headers.items())
        made.append(f"POST {URL} HTTP/1.1\r\n{lines}\r\n".encode() + body)
    random.Random(first).shuffle(made)
    return made


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(port: int) -> Connection:
    """A connection whose certificate is not checked."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return await asyncio.open_connection("127.0.0.1", port, ssl=context)


async def answer(reader: asyncio.StreamReader) -> int:
    """The status of the next answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    return int(head.split()[1])


async def send_all(waiting: list[bytes], connections: list[Connection]) -> list[float]:
    """Send everything; seconds that each answer took."""
    took_s: list[float] = []

    async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while waiting:
            request = waiting.pop()
            began = time.perf_counter()
            writer.write(request)
            status = await answer(reader)
            took_s.append(time.perf_counter() - began)
            if status != TAKEN:
                raise SystemExit(f"a batch was answered with {status}")

    await asyncio.gather(*(run(*one) for one in connections))
    return took_s


def busy_s(before: Any, after: Any) -> float:
    """CPU seconds of the machine."""
    idle_s = after.idle + after.iowait - before.idle - before.iowait
    return float(sum(after[:8]) - sum(before[:8]) - idle_s)


async def play(options: argparse.Namespace, master: bytes) -> dict[str, object]:
    """Connect, then send, and say what that took."""
    sent = requests(options.batches, options.size, options.first, master)
    body_bytes = sum(map(len, sent)) / len(sent)
    connections = [await connect(options.port) for _ in range(options.connections)]
    before, used_s, began = psutil.cpu_times(), time.process_time(), time.perf_counter()
    took_s = await send_all(sent, connections)
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - used_s
    machine_s = busy_s(before, psutil.cpu_times())
    for _, writer in connections:
        writer.close()
    return {
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "machine_cpu_s": machine_s,
        "took_s": took_s,
        "request_bytes": round(body_bytes),
    }


def main() -> None:
    """Send one round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=443)
    parser.add_argument("--batches", type=int, required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--connections", type=int, required=True)
    options = parser.parse_args()
    master = os.environ["CONTROLLER_HMAC_SECRET"].encode()
    print(json.dumps(asyncio.run(play(options, master))))


if __name__ == "__main__":
    main()
