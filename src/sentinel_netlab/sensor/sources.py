"""
Where packets come from, each source in a thread of its own, into one queue.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from sentinel_netlab.decode.packets import Packets

Item = tuple[int, Packets | None]
"""Event time in µs, and the packets; None: until then nothing was heard."""

MOST_WAITING = 64
"""Blocks that wait to be decoded; a source that is faster waits for the decoder."""


class Source(Protocol):
    """A radio, or a capture file."""

    @property
    def name(self) -> str:
        """The interface or file."""
        ...

    @property
    def state(self) -> str:
        """How it is, in a word or two."""
        ...

    @property
    def dropped(self) -> int:
        """Frames lost so far before they were read."""
        ...

    def run(self, give: Callable[[Item], None]) -> None:
        """
        Give items until `stop` or the end.

        Raises:
            Exception: it cannot go on; a radio that may come back is no such case.
        """
        ...

    def stop(self) -> None:
        """Come to an end soon; from any thread."""
        ...


class Listeners:
    """
    Runs sources, and one consumer for what they give.

    Args:
        take: is called with each item, in one thread.
        ended: is called in that thread when all sources have ended; with the error of
            the first that failed, or None.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        take: Callable[[Item], None],
        ended: Callable[[Exception | None], None],
    ) -> None:
        self._sources = sources
        self._take = take
        self._ended = ended
        self._queue: queue.Queue[Item | None] = queue.Queue(MOST_WAITING)
        self._error: Exception | None = None
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._listen, args=(one,), name=f"listen {one.name}"
            )
            for one in sources
        ]
        self._consumer = threading.Thread(target=self._consume, name="decode")

    def start(self) -> None:
        """Begin; once."""
        self._consumer.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the sources; what they gave is taken all the same."""
        self._stopping.set()
        for source in self._sources:
            source.stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; whether it came in time."""
        self._consumer.join(timeout_s)
        return not self._consumer.is_alive()

    def _listen(self, source: Source) -> None:
        try:
            source.run(self._queue.put)
        except Exception as error:  # noqa: BLE001  # told to the agent, which ends
            self._error = self._error or error
            self.stop()
        finally:
            self._queue.put(None)

    def _consume(self) -> None:
        left = len(self._sources)
        while left:
            item = self._queue.get()
            if item is None:
                left -= 1
                continue
            try:
                self._take(item)
            except Exception as error:  # noqa: BLE001  # told to the agent, which ends
                self._error = self._error or error
                self.stop()
        self._ended(self._error)
