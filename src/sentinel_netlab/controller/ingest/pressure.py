"""
Backpressure: sensors keep what the queue has no room for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.store import queue

REFRESH_S = 1.0


@dataclass(frozen=True, slots=True)
class PressureLimits:
    """
    When a batch is turned away.

    Attributes:
        queued_jobs: more of them wait.
        oldest_age_s: the oldest has waited longer.
        free_bytes: the disk of the database has less, where that is known.
        retry_after_s: when to come again.
    """

    queued_jobs: int = 50_000
    oldest_age_s: float = 3_600.0
    free_bytes: int = 256 << 20
    retry_after_s: int = 15


class Pressure:
    """
    Whether there is room, looked at once in `REFRESH_S`.

    Args:
        free_bytes: of the disk that holds the database; None: unknown.
        monotonic: seconds.
    """

    def __init__(
        self,
        limits: PressureLimits,
        *,
        free_bytes: Callable[[], int | None],
        monotonic: Callable[[], float],
    ) -> None:
        self.limits = limits
        self._free_bytes = free_bytes
        self._monotonic = monotonic
        self._due_s = float("-inf")
        self.reason: str | None = None

    async def look(self, c: AsyncConnection, now: datetime) -> str | None:
        """Why there is no room: ``queue_full``, ``queue_old``, ``disk_full``."""
        if self._monotonic() >= self._due_s:
            # Set first: other requests go on with what was seen last.
            self._due_s = self._monotonic() + REFRESH_S
            self.reason = self._judge(await queue.depth(c, now))
        return self.reason

    def _judge(self, depth: queue.QueueDepth) -> str | None:
        free_bytes = self._free_bytes()
        if free_bytes is not None and free_bytes < self.limits.free_bytes:
            return "disk_full"
        if depth.queued > self.limits.queued_jobs:
            return "queue_full"
        if depth.oldest_age_s > self.limits.oldest_age_s:
            return "queue_old"
        return None
