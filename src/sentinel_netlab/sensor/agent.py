"""
The agent: listens, keeps, sends, and lets itself be told how.

Threads listen and decode; one event loop sends, beats and writes the status.  An end
is orderly: the sources stop, what they gave is kept, and what can be sent in a few
seconds is sent; the rest stays in the spool.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentinel_netlab.core.wire import Health
from sentinel_netlab.sensor import status as statuses
from sentinel_netlab.sensor.batcher import Batcher
from sentinel_netlab.sensor.heart import Heart
from sentinel_netlab.sensor.meter import Meter
from sentinel_netlab.sensor.processor import Processor
from sentinel_netlab.sensor.pulse import Pulse
from sentinel_netlab.sensor.sources import Item, Listeners
from sentinel_netlab.sensor.spool import Spool, SpoolError
from sentinel_netlab.sensor.systemd import ServiceManager
from sentinel_netlab.sensor.uplink import Uplink
from sentinel_netlab.sensor.wishes import Wishes

LAST_SEND_S = 5.0
"""What an end waits for the controller."""
LAST_FRAMES_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """
    The agent, wired.

    Attributes:
        folder: where the status is written.
        drain_s: what the end of a replay waits for the controller; an end by a
            signal waits `LAST_SEND_S`.
    """

    sensor_id: str
    controller: str
    folder: Path
    spool: Spool
    batcher: Batcher
    processor: Processor
    listeners: Callable[
        [Callable[[Item], None], Callable[[Exception | None], None]], Listeners
    ]
    meter: Meter
    wishes: Wishes
    heart: Heart
    uplinks: tuple[Uplink, ...]
    service: ServiceManager
    clock_us: Callable[[], int]
    drain_s: float = 300.0


class Agent:
    """
    Runs until it is stopped, or until its sources end.

    Args:
        say: is called with a line for people whenever something changes.
    """

    def __init__(self, parts: Parts, say: Callable[[str], None]) -> None:
        self._parts = parts
        self._say = say
        self._problem = ""
        self._pulse = Pulse()
        self._ended: asyncio.Event | None = None
        self._error: Exception | None = None

    async def run(self, stop: asyncio.Event) -> int:
        """
        Work until *stop* is set or the sources end.

        Returns:
            Exit status: 0, or 1 if a source, the decoder or a part of ours failed.
        """
        parts, loop = self._parts, asyncio.get_running_loop()
        self._ended = ended = asyncio.Event()

        def has_ended(error: Exception | None) -> None:
            self._error = error
            with suppress(RuntimeError):  # the loop is gone: nobody waits any more
                loop.call_soon_threadsafe(ended.set)

        listeners = parts.listeners(self._take, has_ended)
        tasks = [
            asyncio.create_task(one)
            for one in (
                *(uplink.run() for uplink in parts.uplinks),
                parts.heart.run(),
                self._keep_status(),
            )
        ]
        for task in tasks:
            task.add_done_callback(self._has_failed)
        listeners.start()
        parts.service.ready("listening")
        await _first_of(stop.wait(), ended.wait())
        parts.service.stopping()
        was_stopped = stop.is_set()
        listeners.stop()
        await asyncio.to_thread(listeners.join, LAST_FRAMES_S)
        await asyncio.to_thread(parts.processor.finish)
        is_replayed = not was_stopped and self._error is None
        await self._end(tasks, parts.drain_s if is_replayed else LAST_SEND_S)
        if self._error is not None:
            name = type(self._error).__name__
            self._say(f"stopped by {name}: {self._error}")
        return 0 if self._error is None else 1

    def _has_failed(self, task: asyncio.Task[None]) -> None:
        """End as a whole when a part ended: what only seems to work is no sensor."""
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception) and self._ended is not None:
            self._error = self._error or error
            self._ended.set()

    def _take(self, item: Item) -> None:
        self._pulse.begun += 1
        now_us, packets = item
        if packets is None:
            self._parts.processor.silent(now_us)
        else:
            self._parts.processor.take(packets)
        self._pulse.done += 1

    async def _end(self, tasks: list[asyncio.Task[None]], wait_s: float) -> None:
        for uplink in self._parts.uplinks:
            uplink.wake()
        with suppress(TimeoutError, SpoolError):
            async with asyncio.timeout(wait_s):
                await self._until_sent()
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                self._say(f"{type(result).__name__}: {result}")
        await asyncio.to_thread(self._write_status)

    async def _until_sent(self) -> None:
        """Until nothing waits, or the uplink is stopped."""
        while (await asyncio.to_thread(self._parts.spool.fill)).waiting:
            stopped = any(one.link.state == "stopped" for one in self._parts.uplinks)
            if stopped or self._error is not None:
                return
            await asyncio.sleep(0.05)

    async def _keep_status(self) -> None:
        while True:
            await asyncio.to_thread(self._write_status)
            # Who is not called alive is started anew by the service manager.
            if self._pulse.beats(statuses.PERIOD_S):
                self._parts.service.alive()
            await asyncio.sleep(statuses.PERIOD_S)

    def status(self) -> statuses.Status:
        """How the agent is; from any thread."""
        return self._status(self._problems())

    def _write_status(self) -> None:
        problem = self._problems()
        if problem != self._problem:
            self._problem = problem
            self._say(problem or "all is well again")
        # The disk may be full or failing: the uplink tells of that.
        with suppress(OSError, SpoolError):
            statuses.write(self._parts.folder, self._status(problem))

    def _problems(self) -> str:
        parts = self._parts
        broken = [
            f"{code} is left out: {why}" for code, why in parts.processor.broken.items()
        ]
        damage = parts.spool.damage
        return "; ".join(
            filter(
                None,
                (
                    parts.wishes.state.problem,
                    parts.batcher.refused,
                    f"the spool was damaged: {damage}" if damage else "",
                    *broken,
                ),
            )
        )

    def _status(self, problem: str) -> statuses.Status:
        parts = self._parts
        links = [one.link for one in parts.uplinks]
        health: Health = parts.meter.peek()
        return statuses.Status(
            at_us=parts.clock_us(),
            sensor_id=parts.sensor_id,
            controller=parts.controller,
            pid=os.getpid(),
            uplink=links[0].state,
            uplink_why=links[0].why,
            sent=sum(one.sent for one in links),
            aside=sum(one.aside for one in links),
            waiting=parts.spool.fill().waiting,
            heartbeat=parts.heart.trouble,
            problem=problem,
            health=health,
        )


async def _first_of(*waits: Coroutine[Any, Any, object]) -> None:
    """Wait for one of *waits*, and give up the others."""
    tasks = [asyncio.create_task(one) for one in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
