"""When there is no room, and how often that is looked at."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.app import Clock
from tests.support.batches import NOW

from sentinel_netlab.controller.ingest import pressure as module
from sentinel_netlab.controller.ingest.pressure import Pressure, PressureLimits
from sentinel_netlab.store.queue import QueueDepth

LIMITS = PressureLimits(queued_jobs=10, oldest_age_s=60, free_bytes=1_000)
EMPTY = QueueDepth(queued=0, oldest_age_s=0, dead=0)


class Queue:
    """A queue that says how deep it is, and counts how often it is asked."""

    def __init__(self, depth: QueueDepth) -> None:
        self.found, self.asked = depth, 0

    async def depth(self, _c, _now) -> QueueDepth:
        self.asked += 1
        return self.found


def make(monkeypatch, depth: QueueDepth, free_bytes: int | None = None):
    """Pressure on a queue of *depth*."""
    queue, clock = Queue(depth), Clock()
    monkeypatch.setattr(module, "queue", queue)
    pressure = Pressure(
        LIMITS, free_bytes=lambda: free_bytes, monotonic=clock.monotonic
    )
    return pressure, queue, clock


@pytest.mark.parametrize(
    ("depth", "free_bytes", "reason"),
    [
        (EMPTY, None, None),
        (EMPTY, 1_000, None),
        (EMPTY, 999, "disk_full"),
        (QueueDepth(10, 60, 1_000), None, None),
        (QueueDepth(11, 0, 0), None, "queue_full"),
        (QueueDepth(1, 60.1, 0), None, "queue_old"),
    ],
)
def test_reason(monkeypatch, depth, free_bytes, reason):
    """Beyond each limit, and not at it; the dead are in nobody's way."""
    pressure, _, _ = make(monkeypatch, depth, free_bytes)

    assert asyncio.run(pressure.look(None, NOW)) == reason
    assert pressure.reason == reason


def test_the_queue_is_asked_once_a_second(monkeypatch):
    """In between, what was seen last holds."""
    pressure, queue, clock = make(monkeypatch, QueueDepth(11, 0, 0))

    async def run():
        for _ in range(5):
            await pressure.look(None, NOW)
        queue.found = EMPTY
        before = await pressure.look(None, NOW)
        clock.advance(1)
        return before, await pressure.look(None, NOW)

    assert asyncio.run(run()) == ("queue_full", None)
    assert queue.asked == 2
