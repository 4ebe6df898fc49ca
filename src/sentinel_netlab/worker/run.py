"""
The worker as a whole: loops that share nothing but the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from sentinel_netlab.notify.message import Channel
from sentinel_netlab.store.engine import reading
from sentinel_netlab.store.outages import error_text
from sentinel_netlab.store.queue import depth
from sentinel_netlab.store.retention import Ages
from sentinel_netlab.worker.delivery import deliver_once
from sentinel_netlab.worker.gate import QUICK_S, SchemaGate
from sentinel_netlab.worker.jobs import Bench, work_once
from sentinel_netlab.worker.sweep import forget
from sentinel_netlab.worker.watch import close_incidents, watch_sensors


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """
    Seconds between two looks, when the first found nothing to do.

    Attributes:
        idle_s: at the queue.
        delivery_s: at the outbox, for each channel.
        after_error_s: at least, at what failed.
    """

    idle_s: float = 0.2
    delivery_s: float = 0.5
    watch_s: float = 2.0
    gauges_s: float = 5.0
    sweep_s: float = 600.0
    after_error_s: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """
    A worker, wired.

    Attributes:
        ages: how long rows are kept.
        lanes: jobs in hand at the same time: while the database stores one, another
            is decoded.
    """

    bench: Bench
    gate: SchemaGate
    ages: Ages
    lanes: int = 1
    periods: Periods = Periods()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until *stop* is set; the jobs in hand are finished."""
        beside = [
            asyncio.create_task(one)
            for one in (
                self._watch(stop),
                self._every(self.periods.sweep_s, self._sweep, stop),
                self._every(self.periods.gauges_s, self._measure, stop),
                *(self._deliver(channel, stop) for channel in self.bench.channels),
            )
        ]
        try:
            idle_s = self.periods.idle_s
            lanes = [self._repeat(self._work, stop, idle_s) for _ in range(self.lanes)]
            await asyncio.gather(*lanes)
        finally:
            # What they do is leased or repeated: it may be cut off.
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def run_once(self, stop: asyncio.Event) -> None:
        """Do all that is due, once: jobs, notices, retention."""
        while not stop.is_set() and not await self.gate.is_open():
            await _pause(stop, QUICK_S)
        while not stop.is_set() and await work_once(self.bench):
            pass
        for channel in self.bench.channels:
            while not stop.is_set() and await deliver_once(self.bench, channel):
                pass
        if not stop.is_set():
            await close_incidents(self.bench)
            await self._sweep(stop)

    async def _work(self) -> bool:
        is_open = await self.gate.is_open()
        self.bench.metrics.ready.set(is_open)
        if not is_open:
            return False
        return await work_once(self.bench)

    async def _watch(self, stop: asyncio.Event) -> None:
        since = self.bench.clock()
        was_open = False

        async def look(_stop: asyncio.Event) -> None:
            nonlocal since, was_open
            is_open = await self.gate.is_open()
            if is_open and not was_open:
                # While nothing could be received, nobody was silent.
                since = self.bench.clock()
            was_open = is_open
            if is_open:
                await watch_sensors(self.bench, since)
                await close_incidents(self.bench)

        await self._every(self.periods.watch_s, look, stop)

    async def _deliver(self, channel: Channel, stop: asyncio.Event) -> None:
        async def deliver() -> bool:
            if not await self.gate.is_open():
                return False
            return await deliver_once(self.bench, channel) > 0

        await self._repeat(deliver, stop, self.periods.delivery_s)

    async def _sweep(self, stop: asyncio.Event) -> None:
        if not await self.gate.is_open():
            return
        bench = self.bench
        gone = await forget(bench.engine, self.ages, bench.clock, stopping=stop.is_set)
        for table, rows in gone.items():
            bench.metrics.forgotten_rows.labels(table).inc(rows)

    async def _measure(self, _stop: asyncio.Event) -> None:
        if not await self.gate.is_open():
            return
        async with reading(self.bench.engine).connect() as c:
            found = await depth(c, self.bench.clock())
        self.bench.metrics.queue(found)

    async def _every(
        self,
        period_s: float,
        action: Callable[[asyncio.Event], Awaitable[None]],
        stop: asyncio.Event,
    ) -> None:
        async def once() -> bool:
            await action(stop)
            return False

        await self._repeat(once, stop, period_s)

    async def _repeat(
        self, action: Callable[[], Awaitable[bool]], stop: asyncio.Event, idle_s: float
    ) -> None:
        """Again at once while there is more to do; what is raised ends nothing."""
        while not stop.is_set():
            try:
                if await action():
                    await asyncio.sleep(0)
                    continue
                wait_s = idle_s
            except Exception as error:  # noqa: BLE001  # the database may come back
                self.bench.log.warning("Worker Troubled", error=error_text(error))
                wait_s = max(idle_s, self.periods.after_error_s)
            await _pause(stop, wait_s)


async def _pause(stop: asyncio.Event, wait_s: float) -> None:
    """Wait, or until *stop* is set."""
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await stop.wait()
