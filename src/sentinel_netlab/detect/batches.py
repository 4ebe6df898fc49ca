"""
Rows of a block per key, taken in batches: for rules where nothing is decided at most
rows, but all that came before a row must be known at some.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from numpy.typing import NDArray

from sentinel_netlab.core.frames import Rows
from sentinel_netlab.core.together import together

Key = tuple[int, ...]


class Batches:
    """
    The *rows* of each key, handed out once and in order of arrival.

    Args:
        rows: ascending rows of a block.
        parts: the parts of the key, one array per part, a number per row.

    Attributes:
        order: positions in rows, those of a key together; batches are slices of it.
    """

    def __init__(self, rows: Rows, parts: Sequence[NDArray[Any]]) -> None:
        self.order, starts = together(parts)
        ends = [*starts[1:].tolist(), len(rows)][: len(starts)]
        heads = self.order[starts]
        names = zip(*(part[heads].tolist() for part in parts), strict=True)
        self._rows: list[int] = rows[self.order].tolist()
        self._ends = dict(zip(names, ends, strict=True))
        self._starts = dict(zip(self._ends, starts.tolist(), strict=True))

    def before(self, key: Key, row: int) -> slice:
        """What is left of *key* before *row*."""
        start = self._starts.get(key)
        if start is None:
            return slice(0, 0)
        end = bisect_left(self._rows, row, start, self._ends[key])
        self._starts[key] = end
        return slice(start, end)

    def rest(self) -> Iterator[tuple[Key, slice]]:
        """Each key by its last row, and what is left of it, perhaps nothing."""
        for key, end in sorted(
            self._ends.items(), key=lambda item: self._rows[item[1] - 1]
        ):
            yield key, slice(self._starts[key], end)
