"""
Sensors and people who use the stack while something happens to it, and keep count.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
from backports import zstd
from tests.support.batches import observation
from tests.support.stack import Stack, until

from sentinel_netlab.client.answers import Answer, Outcome
from sentinel_netlab.client.sensor import SensorClient
from sentinel_netlab.client.signer import Signer
from sentinel_netlab.core.signing import derive_key
from sentinel_netlab.core.times import microseconds
from sentinel_netlab.core.wire import Batch, encode_batch

BASE = "https://127.0.0.1"
PAUSE_S = 0.05
WINDOW_US = 10_000_000
FIRST_WAIT_S = 1.0
"""What a client waits that was not told for how long."""
_ENROL = """
INSERT INTO sites (id, name, created_at) VALUES ('traffic', 'Traffic', now())
ON CONFLICT DO NOTHING;
INSERT INTO sensors (id, site_id, status, key_version, adopted)
VALUES {rows} ON CONFLICT DO NOTHING;
"""


def unchecked() -> ssl.SSLContext:
    """For the self-signed certificate of a test."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def signer_of(stack: Stack, sensor_id: str) -> Signer:
    """The key that the stack derives for a sensor."""
    master = stack.setting("CONTROLLER_HMAC_SECRET").encode()
    return Signer(sensor_id, 1, derive_key(master, sensor_id, 1), _now)


def enrol(stack: Stack, *sensor_ids: str) -> None:
    """Let the stack know sensors, at a site of their own."""
    rows = ", ".join(
        f"('{one}', 'traffic', 'enrolled', 1, false)" for one in sensor_ids
    )
    stack.sql(_ENROL.format(rows=rows))


@dataclass
class Counts:
    """
    What was asked and answered.

    Attributes:
        acknowledged: sensor, epoch and number of each observation that was taken.
        failed: requests that failed, and failed again after one retry.
        answers: by status; 0: none came.
    """

    acknowledged: list[tuple[str, str, int]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    retried: int = 0
    answers: Counter[int] = field(default_factory=Counter)


@dataclass
class Traffic:
    """
    Sensors that send, and people who read, until told to stop.

    Args:
        token: of the people; "": there are none.
        size: observations in a batch.
        patient: whether a sensor repeats a batch until it is taken.
    """

    stack: Stack
    sensor_ids: tuple[str, ...]
    token: str = ""
    size: int = 20
    patient: bool = True
    counts: Counts = field(default_factory=Counts)
    _stop: bool = False

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for one in self.sensor_ids:
                tasks.create_task(self._send(one))
            if self.token:
                tasks.create_task(self._read())

    async def _send(self, sensor_id: str) -> None:
        epoch, sequence = secrets.token_hex(8), 0
        signer = signer_of(self.stack, sensor_id)
        async with SensorClient(BASE, signer, verify=unchecked()) as client:
            while not self._stop:
                first, now_us = sequence * self.size, microseconds(_now())
                one = Batch(
                    secrets.token_hex(16), sensor_id, epoch, sequence,
                    now_us,
                    observations=[
                        observation(
                            number,
                            transmitter=_address(number),
                            window_us=now_us - WINDOW_US,
                            first_us=now_us - WINDOW_US,
                            last_us=now_us,
                        )
                        for number in range(first, first + self.size)
                    ],
                )  # fmt: skip
                body = zstd.compress(encode_batch(one))
                await self._deliver(client, one, body)
                sequence += 1
                await asyncio.sleep(PAUSE_S)

    async def _deliver(self, client: SensorClient, one: Batch, body: bytes) -> None:
        tries = 0
        while True:
            tries += 1
            answer = await self._attempt(client, one.batch_id, body)
            if answer is not None and answer.outcome is Outcome.TAKEN:
                keys = [
                    (one.sensor_id, one.epoch, each.seq) for each in one.observations
                ]
                self.counts.acknowledged += keys
                return
            if answer is not None and answer.outcome is not Outcome.LATER:
                self.counts.failed.append(f"POST: {answer.status} {answer.code}")
                return
            if tries == 2:
                status = 0 if answer is None else answer.status
                self.counts.failed.append(f"POST: {status} after one retry")
                if not self.patient:
                    return
            self.counts.retried += 1
            wait_s = None if answer is None else answer.retry_after_s
            await asyncio.sleep(FIRST_WAIT_S if wait_s is None else wait_s)

    async def _attempt(
        self, client: SensorClient, batch_id: str, body: bytes
    ) -> Answer | None:
        try:
            answer = await client.send_batch(batch_id, body, "zstd")
        except httpx.TransportError:
            self.counts.answers[0] += 1
            return None
        self.counts.answers[answer.status] += 1
        return answer

    async def _read(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(
            base_url=BASE,
            verify=unchecked(),
            headers=headers,
            trust_env=False,
            timeout=30,
        ) as client:
            while not self._stop:
                status, wait_s = await self._look(client)
                if status != 200:
                    self.counts.retried += 1
                    await asyncio.sleep(wait_s)
                    status, _ = await self._look(client)
                if status != 200:
                    self.counts.failed.append(f"GET: {status} after one retry")
                await asyncio.sleep(PAUSE_S)

    async def _look(self, client: httpx.AsyncClient) -> tuple[int, float]:
        try:
            answer = await client.get("/api/v1/alerts?limit=5")
        except httpx.TransportError:
            self.counts.answers[0] += 1
            return 0, FIRST_WAIT_S
        self.counts.answers[answer.status_code] += 1
        return answer.status_code, float(
            answer.headers.get("retry-after", FIRST_WAIT_S)
        )

    def start(self) -> Future[None]:
        """In a thread that reaches the stack."""
        return self.stack.place.threads.submit(asyncio.run, self._run())

    def stop(self) -> None:
        """End after what is under way."""
        self._stop = True


@contextmanager
def traffic(
    stack: Stack, *sensor_ids: str, token: str = "", size: int = 20
) -> Iterator[Counts]:
    """Traffic of sensors that are enrolled first, while the block runs; its counts."""
    enrol(stack, *sensor_ids)
    made = Traffic(stack, sensor_ids, token, size)
    running = made.start()
    try:
        yield made.counts
    finally:
        made.stop()
        running.result(180)


def stored(stack: Stack) -> list[tuple[str, str, int]]:
    """Sensor, epoch and number of each observation in the database, sorted."""
    printed = stack.sql(
        "SELECT sensor_id, epoch, seq FROM telemetry WHERE epoch IS NOT NULL"
        " ORDER BY 1, 2, 3"
    )
    rows = [line.split("|") for line in printed.splitlines()]
    return [(sensor, epoch, int(seq)) for sensor, epoch, seq in rows]


def until_worked_off(stack: Stack, wait_s: float = 120) -> None:
    """Until no job waits."""
    waiting = "SELECT count(*) FROM ingest_jobs WHERE status <> 'done'"
    until(lambda: stack.sql(waiting) == "0", wait_s, "worked off")


def _now() -> datetime:
    return datetime.now(UTC)


def _address(number: int) -> str:
    return f"02:00:01:00:{number >> 8 & 255:02x}:{number & 255:02x}"
