"""Workers for tests: a clock that is set by hand, a channel that remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.support.batches import NOW

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.notify import Message, NotifyError
from sentinel_netlab.store.retention import Ages
from sentinel_netlab.store.schema_state import SchemaState
from sentinel_netlab.worker.gate import SchemaGate
from sentinel_netlab.worker.jobs import Bench
from sentinel_netlab.worker.metrics import Metrics
from sentinel_netlab.worker.run import Periods, Worker

READY = SchemaState(ready=True)
QUICK = Periods(
    idle_s=0.01,
    delivery_s=0.01,
    watch_s=0.01,
    gauges_s=0.01,
    sweep_s=0.01,
    after_error_s=0.01,
)
MOST_S = 20.0
"""A test that waits longer has failed."""


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        """Later by that."""
        self.now += timedelta(seconds=seconds)


class Ear:
    """A channel that remembers, or fails as it is told."""

    def __init__(self, name: str = "ear", quiet_s: float = 0.0) -> None:
        self.name, self.quiet_s = name, quiet_s
        self.least_severity = Severity.INFO
        self.heard: list[Message] = []
        self.error: Exception | None = None

    async def send(self, message: Message) -> None:
        """Remember *message*, or fail."""
        if self.error is not None:
            raise self.error
        self.heard.append(message)

    async def close(self) -> None:
        """Nothing is held."""

    @property
    def notices(self) -> list[Any]:
        """Everything that was said."""
        return [notice for message in self.heard for notice in message.notices]


def dead_ear(*, permanent: bool = False) -> Ear:
    """A channel that never says anything."""
    ear = Ear("dead")
    ear.error = NotifyError("nobody answers", permanent=permanent)
    return ear


def bench(engine: AsyncEngine, *channels: Ear, clock: Clock | None = None) -> Bench:
    """A worker's tools."""
    return Bench(
        engine=engine,
        owner="worker-1",
        lease_s=60.0,
        clock=clock or Clock(),
        channels=channels,
        log=structlog.wrap_logger(structlog.testing.CapturingLogger(), processors=[]),
        metrics=Metrics(),
    )


async def ready(_connection: object) -> SchemaState:
    """A schema that is right."""
    return READY


def worker(tools: Bench, look: Any = ready, lanes: int = 1) -> Worker:
    """A worker that sees the schema as *look* does, at every look."""
    times = iter(range(0, 1_000_000, 100))
    gate = SchemaGate(
        tools.engine,
        monotonic=lambda: next(times),
        log=tools.log,
        quick=look,
        full=look,
    )
    return Worker(bench=tools, gate=gate, ages=Ages(), lanes=lanes, periods=QUICK)


@asynccontextmanager
async def at_work(one: Worker):
    """The worker's loops run; it is stopped at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(one.run(stop))
    try:
        yield task
    finally:
        stop.set()
        await asyncio.wait_for(task, MOST_S)


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    """Wait for what the loops will bring about."""
    async with asyncio.timeout(MOST_S):
        while not await holds():  # noqa: ASYNC110  # rows are nobody's events
            await asyncio.sleep(0.01)


def log_of(tools: Bench) -> list[str]:
    """Names of the events that were logged."""
    return [call.args[0] if call.args else call.kwargs["event"]
            for call in tools.log._logger.calls]  # fmt: skip


def counted(tools: Bench, name: str, **labels: str) -> float:
    """A sample of the metrics."""
    return tools.metrics.registry.get_sample_value(name, labels) or 0.0
