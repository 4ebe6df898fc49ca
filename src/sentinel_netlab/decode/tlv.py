"""
Find one element among type-length-value elements, in many frames at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.decode.gather import Gather, Offsets

MAX_ELEMENTS = 16
"""Elements looked at; what stands behind them in hostile bytes is not found."""


def find(
    gather: Gather,
    at: Offsets,
    end: Offsets,
    is_wanted: Callable[[Offsets], NDArray[np.bool_]],
) -> Offsets:
    """
    Offset of the first wanted element of each list, -1 where there is none.

    Args:
        at: where each list begins.
        end: first offset behind each list; an element that runs past it ends the list.
        is_wanted: says of elements that begin at these offsets, and lie wholly inside
            their list, which are meant.
    """
    found = np.full(len(at), -1, np.int64)
    rows, place = np.arange(len(at)), at
    for _ in range(MAX_ELEMENTS):
        begins = place + 2 <= end[rows]
        rows, place = rows[begins], place[begins]
        if not len(rows):
            break
        behind = place + 2 + gather.u8(place + 1)
        whole = behind <= end[rows]
        hit = whole & is_wanted(place)
        found[rows[hit]] = place[hit]
        on = whole & ~hit
        rows, place = rows[on], behind[on]
    return found
