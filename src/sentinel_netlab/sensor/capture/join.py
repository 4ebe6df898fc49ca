"""
Several captures as one stream in time order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from sentinel_netlab.core.clock import EventClock
from sentinel_netlab.core.frames import Frames, concatenated


class _Stream:
    """One capture's frames, of which a part may be taken."""

    def __init__(self, blocks: Iterator[Frames]) -> None:
        self._blocks = blocks
        self.block: Frames | None = None
        self.refill()

    def refill(self) -> None:
        """Get the next block that has frames; None at the end."""
        self.block = next((block for block in self._blocks if len(block)), None)

    def take_until(self, limit_us: int, *, and_at: bool) -> Frames | None:
        """The frames before *limit_us*, or also those at it; they are then gone."""
        if self.block is None:
            return None
        side: Literal["left", "right"] = "right" if and_at else "left"
        count = int(np.searchsorted(self.block.elapsed_us, limit_us, side=side))
        if not count:
            return None
        taken = self.block.take(np.arange(count))
        if count == len(self.block):
            self.refill()
        else:
            self.block = self.block.take(np.arange(count, len(self.block)))
        return taken


def joined(streams: Sequence[Iterator[Frames]]) -> Iterator[Frames]:
    """
    The frames of *streams* by time, numbered anew from 1 as one capture.

    Frames of equal time keep the order of the streams.
    """
    clock = EventClock()
    number = 1
    sources = [_Stream(stream) for stream in streams]
    while True:
        heads = [
            (int(source.block.elapsed_us[-1]), rank)
            for rank, source in enumerate(sources)
            if source.block is not None
        ]
        if not heads:
            return
        limit_us, first = min(heads)
        # The next block of *first* may go on at the limit: streams behind it wait.
        parts = [
            source.take_until(limit_us, and_at=rank <= first)
            for rank, source in enumerate(sources)
        ]
        together = concatenated([part for part in parts if part is not None])
        order = np.argsort(together.elapsed_us, kind="stable")
        ordered = together.take(order)
        yield replace(
            ordered,
            elapsed_us=clock.stamp(ordered.ts_us),
            number=np.arange(number, number + len(ordered), dtype=np.int64),
        )
        number += len(ordered)
