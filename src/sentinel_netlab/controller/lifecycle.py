"""
Where the process is in its life, and how many requests are being answered.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Lifecycle:
    """
    STARTING, READY and not are the business of readiness; this is the end.

    Attributes:
        in_flight: requests and web sockets being answered.
        draining: set by SIGTERM: readiness is off, requests are still served.
        stopping: set when nothing new is accepted: streams end themselves now.
    """

    def __init__(self) -> None:
        self.in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.draining = asyncio.Event()
        self.stopping = asyncio.Event()

    def enter(self) -> None:
        """A request begins."""
        self.in_flight += 1
        self._idle.clear()

    def leave(self) -> None:
        """A request ended."""
        self.in_flight -= 1
        if not self.in_flight:
            self._idle.set()

    async def idle(self, deadline_s: float) -> bool:
        """Whether the last request ends within `deadline_s`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), deadline_s)
        return not self.in_flight
