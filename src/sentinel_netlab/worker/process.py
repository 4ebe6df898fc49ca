"""
The worker as a process: what it is made of, its signals and its end.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import psycopg
from sqlalchemy.exc import SQLAlchemyError
from structlog.typing import FilteringBoundLogger

from sentinel_netlab.store.engine import make_engine
from sentinel_netlab.store.outages import error_text
from sentinel_netlab.store.retention import Ages
from sentinel_netlab.store.settings import RetentionSettings, is_sqlite
from sentinel_netlab.worker.channels import make_channels
from sentinel_netlab.worker.gate import SchemaGate
from sentinel_netlab.worker.jobs import Bench
from sentinel_netlab.worker.metrics import Metrics, serve
from sentinel_netlab.worker.run import Worker
from sentinel_netlab.worker.settings import WorkerSettings

CLOSE_S = 2.0
LANES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """
    What a worker gets from the process that it is.

    Attributes:
        wall: aware time, UTC.
        monotonic: seconds of a clock that nobody sets.
        on_signal: called at the signal, to end what hangs.
    """

    log: FilteringBoundLogger
    wall: Callable[[], datetime]
    monotonic: Callable[[], float]
    on_signal: Callable[[], None]


async def run_worker(
    settings: WorkerSettings, process: Process, *, once: bool = False
) -> int:
    """
    Work until SIGTERM or SIGINT, then finish the job in hand; the exit status.

    The state of the database never ends it: it is looked at again and again.

    Args:
        once: end when nothing is due any more.

    Returns:
        0; 1: what the settings name cannot be opened, or, once, the database failed.
    """
    try:
        with _metrics(settings, listens=not once) as metrics:
            await _work(settings, process, metrics, once=once)
    except (OSError, SQLAlchemyError, psycopg.Error) as error:
        process.log.error("Worker Failed", error=error_text(error))  # noqa: TRY400  # a trace helps nobody
        return 1
    return 0


@contextmanager
def _metrics(settings: WorkerSettings, *, listens: bool) -> Iterator[Metrics]:
    metrics = Metrics()
    if not listens:
        yield metrics
        return
    stop = serve(metrics, settings.metrics_host, settings.metrics_port)
    try:
        yield metrics
    finally:
        stop()


async def _work(
    settings: WorkerSettings, process: Process, metrics: Metrics, *, once: bool
) -> None:
    url = settings.database_url.get_secret_value()
    channels = make_channels(settings, process.log, process.wall)
    # What fails is tried again: no need to ask first whether a connection still is one.
    engine = make_engine(url, application_name="sentinel worker", pings=False)
    bench = Bench(
        engine=engine,
        owner=own_name(),
        lease_s=settings.lease_s,
        clock=process.wall,
        channels=channels,
        log=process.log,
        metrics=metrics,
    )
    gate = SchemaGate(engine, monotonic=process.monotonic, log=process.log)
    # SQLite has one writer: a second lane would only wait for the first.
    lanes = 1 if is_sqlite(url) else LANES
    worker = Worker(bench=bench, gate=gate, ages=ages_of(settings), lanes=lanes)
    stop = _stop_at_signals(process)
    process.log.info("Worker Started", channels=[one.name for one in channels])
    try:
        await (worker.run_once(stop) if once else worker.run(stop))
    finally:
        # What hangs here would only be cut off by the end of the process.
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_S):
                await asyncio.gather(*(one.close() for one in channels))
                await engine.dispose()
    process.log.info("Worker Stopped")


def _stop_at_signals(process: Process) -> asyncio.Event:
    """An event that a signal sets; the second signal changes nothing."""
    stop = asyncio.Event()

    def end() -> None:
        if not stop.is_set():
            process.log.info("Worker Stopping")
            process.on_signal()
            stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    return stop


def own_name() -> str:
    """A name that no other worker has, for leases and for people: host and process."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(4)}"


def ages_of(settings: RetentionSettings) -> Ages:
    """How long rows are kept."""
    return Ages(
        telemetry_days=settings.retention_telemetry_days,
        alerts_days=settings.retention_alerts_days,
        keys_days=settings.retention_idempotency_days,
    )
