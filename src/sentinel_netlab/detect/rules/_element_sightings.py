"""
Rules about the content of management frames: which element sets are concerned, and the
frames that carry them, per transmitter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from sentinel_netlab.core.elements import Elements
from sentinel_netlab.core.frames import RETRY, Frames
from sentinel_netlab.detect.sightings import Mark, mark

MOST_TRANSMITTERS = 16_384


@dataclass(slots=True)
class Recent:
    """Marks of frames of one key inside a window, oldest first."""

    marks: deque[Mark] = field(default_factory=deque)

    def add(self, here: Mark, window_us: int) -> int:
        """Add a frame; how many there are in the window that ends with it."""
        self.marks.append(here)
        while self.marks[0].elapsed_us <= here.elapsed_us - window_us:
            self.marks.popleft()
        return len(self.marks)


class RecentByKey:
    """`Recent` per key, bounded; the key used longest ago is forgotten first."""

    def __init__(self) -> None:
        self._recent: dict[tuple[object, ...], Recent] = {}

    def of(self, key: tuple[object, ...]) -> Recent:
        """The marks of *key*."""
        recent = self._recent.pop(key, None) or Recent()
        self._recent[key] = recent
        if len(self._recent) > MOST_TRANSMITTERS:
            del self._recent[next(iter(self._recent))]
        return recent


def concerned(
    frames: Frames, kinds: tuple[int, ...], test: Callable[[Elements], bool]
) -> Iterator[tuple[int, Elements, Mark]]:
    """
    Frames of *kinds* whose elements pass *test*: row, elements, mark; no Retries.

    The test is made once per distinct element set.
    """
    found = [*map(test, frames.element_sets)]
    if True not in found:
        return
    passed = np.array(found, np.bool_)
    rows = frames.rows(*kinds)
    numbers = frames.elements[rows]
    rows = rows[(numbers >= 0) & passed[numbers]]
    rows = rows[(frames.flags[rows] & RETRY) == 0]
    for row in rows.tolist():
        yield row, frames.element_sets[int(frames.elements[row])], mark(frames, row)
