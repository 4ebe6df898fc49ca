"""
Group rows of a block by several columns and reduce columns per group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.together import together


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """
    Positions with those of equal keys together, and where each group starts among them.

    Attributes:
        order: positions, those of a group together and in order of arrival.
        starts: index into order of the first position of each group.
        keys: one row per part of the key, one column per group.
    """

    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    keys: NDArray[np.uint64]

    @classmethod
    def of(cls, parts: Sequence[NDArray[Any]]) -> Groups:
        """Groups of equal *parts*, arrays of one length that is not zero."""
        order, starts = together(parts)
        heads = order[starts]
        keys = np.stack([part[heads].astype(np.uint64) for part in parts])
        return cls(order, starts, keys)

    def sum(self, values: NDArray[Any]) -> list[int]:
        """Sum of *values* per group."""
        total = np.add.reduceat(values[self.order].astype(np.int64), self.starts)
        return [int(value) for value in total.tolist()]

    def lowest(self, values: NDArray[Any]) -> list[int]:
        """Lowest of *values* per group."""
        return list(np.minimum.reduceat(values[self.order], self.starts).tolist())

    def highest(self, values: NDArray[Any]) -> list[int]:
        """Highest of *values* per group."""
        return list(np.maximum.reduceat(values[self.order], self.starts).tolist())

    def key_tuples(self) -> list[tuple[int, ...]]:
        """The key of each group."""
        return list(zip(*self.keys.tolist(), strict=True))
