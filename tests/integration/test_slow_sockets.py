"""Senders that hold on to connections, and what others notice of them."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles

import pytest
from tests.support.batches import batch, observation
from tests.support.controllers import (
    Controller,
    furnish_lab,
    lab_controller,
    lab_signer,
)
from tests.support.evidence import evidence

from sentinel_netlab.client.answers import Outcome
from sentinel_netlab.client.sensor import TELEMETRY, SensorClient
from sentinel_netlab.client.signer import Signer
from sentinel_netlab.core.wire import encode_batch

SEED = 0
PAUSE_S = 0.5
END_S = 60.0
"""By then every slow sender has been told, or cut off."""
GROWTH_BYTES = 50 << 20
LIMITS = {
    "SENTINEL_ADDRESS_RATE_PER_S": "100000",
    "SENTINEL_ADDRESS_BURST": "100000",
    "SENTINEL_CREDENTIAL_RATE_PER_S": "100000",
    "SENTINEL_CREDENTIAL_BURST": "100000",
}


@dataclass(frozen=True)
class Slow:
    """
    A way to be slow.

    Attributes:
        at_once: what is sent first.
        drip: what follows, an octet at a time, again and again.
        answer: what the server says before it hangs up.
    """

    at_once: bytes
    drip: bytes
    answer: bytes


def signed_head(signer: Signer, number: int) -> tuple[bytes, bytes]:
    """Head and body of a good request."""
    body = encode_batch(batch(number, observations=[observation()] * 9))
    headers = signer.headers(
        "POST", TELEMETRY, body, idempotency_key=batch(number).batch_id
    ) | {"Host": "x", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {TELEMETRY} HTTP/1.1\r\n{lines}\r\n".encode(), body


def ways(signer: Signer, number: int) -> dict[str, Slow]:
    """Each way to be slow."""
    head, body = signed_head(signer, number)
    late = b"HTTP/1.1 408"
    return {
        "no request": Slow(b"", b"", b""),
        "half a head": Slow(head[:80], b"", b""),
        "a dripping head": Slow(b"GET / HTTP/1.1\r\nX: ", b"x", b""),
        "half a body": Slow(head + body[:99], b"", late),
        "a dripping body": Slow(head, body[:1], late),
        "an unsigned body": Slow(
            b"POST /api/v1/telemetry HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
            b"x",
            b"HTTP/1.1 401",
        ),
    }


async def hold_on(port: int, slow: Slow) -> bool:
    """Be slow until the server hangs up; whether it said what it should."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    told = asyncio.create_task(reader.read())
    try:
        writer.write(slow.at_once)
        while not told.done():
            await asyncio.wait({told}, timeout=PAUSE_S)
            writer.write(slow.drip)
        answer = b"" if told.exception() else told.result()
    finally:
        writer.close()
    return answer.startswith(slow.answer)


def choose(signer: Signer, count: int) -> list[tuple[str, Slow]]:
    """*count* slow senders, of each way in turn."""
    names = cycle(ways(signer, 0))
    return [
        (name, ways(signer, 10**6 + number)[name])
        for number, name in zip(range(count), names, strict=False)
    ]


async def besiege(
    port: int, chosen: list[tuple[str, Slow]]
) -> Counter[tuple[str, bool]]:
    """All of *chosen* at the same time; the ways, and whether each ended well."""
    ended = await asyncio.wait_for(
        asyncio.gather(*(hold_on(port, way) for _, way in chosen)), END_S
    )
    return Counter(zip([name for name, _ in chosen], ended, strict=True))


def besiege_alone(
    port: int, chosen: list[tuple[str, Slow]]
) -> Counter[tuple[str, bool]]:
    """In a process of its own: the good senders' clock is not the slow ones'."""
    return asyncio.run(besiege(port, chosen))


async def send_on(
    one: Controller, signer: Signer, first: int, while_: Callable[[], bool]
) -> list[float]:
    """Good batches, one after the other; seconds that each took."""
    took_s = []
    async with SensorClient(str(one.http.base_url), signer) as client:
        while while_():
            content = batch(first + len(took_s), observations=[observation()])
            began = time.perf_counter()
            answer = await client.send_batch(
                content.batch_id, encode_batch(content), "identity"
            )
            took_s.append(time.perf_counter() - began)
            assert answer.outcome is Outcome.TAKEN
            await asyncio.sleep(0.02)
    return took_s


def high_water_bytes(one: Controller) -> int:
    status = Path(f"/proc/{one.process.pid}/status").read_text()
    [line] = [x for x in status.splitlines() if x.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


async def siege(one: Controller, signer: Signer, count: int, calm: int) -> dict:
    """Good traffic without and with slow senders beside it."""
    chosen, left = choose(signer, count), iter(range(calm))
    before = await send_on(one, signer, 0, lambda: next(left, None) is not None)
    size_bytes = high_water_bytes(one)
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as other:
        loop = asyncio.get_running_loop()
        slow = loop.run_in_executor(other, besiege_alone, one.port, chosen)
        beside = await send_on(one, signer, calm, lambda: not slow.done())
    return {
        "slow": {
            name: {"sockets": n, "ended_as_expected": well}
            for (name, well), n in sorted((await slow).items())
        },
        "good_batches": len(beside),
        "p99_alone_ms": round(quantiles(before, n=100)[98] * 1e3, 2),
        "p99_beside_ms": round(quantiles(beside, n=100)[98] * 1e3, 2),
        "growth_bytes": high_water_bytes(one) - size_bytes,
    }


@pytest.fixture
def target(tmp_path):
    """A controller of the lab, and its sensor."""
    furnish_lab(tmp_path)
    with lab_controller(tmp_path, **LIMITS) as one:
        one.wait_until("/readyz", 200)
        yield one, lab_signer(tmp_path)


def judge(found: dict, one: Controller) -> None:
    """Each slow sender was told or cut off; the good were served (`send_on`)."""
    assert all(way["ended_as_expected"] for way in found["slow"].values())
    assert len(found["slow"]) == 6
    assert found["growth_bytes"] < GROWTH_BYTES
    assert one.status_of("/readyz") == (200, "")


def test_slow_senders_are_ended(target):
    """Each way once or twice; batches go on being taken."""
    one, signer = target

    judge(asyncio.run(siege(one, signer, 12, calm=5)), one)


@pytest.mark.long
def test_500_slow_senders_are_ended(target):
    """The number that is promised; writes docs/evidence/slow-sockets.json."""
    one, signer = target
    with evidence("slow-sockets", SEED) as counts:
        counts.update(asyncio.run(siege(one, signer, 500, calm=200)))
        judge(counts, one)
        assert counts["p99_beside_ms"] < 2 * counts["p99_alone_ms"]
