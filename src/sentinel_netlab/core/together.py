"""
Put equal rows of a block together, for all who count or compare by a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ODD = np.uint64(0x9E3779B97F4A7C15)
"""2**64 over the golden ratio (Knuth, TAOCP 3, 6.4): spreads keys over all bits."""

Positions = NDArray[np.intp]


def together(parts: Sequence[NDArray[Any]]) -> tuple[Positions, Positions]:
    """
    Positions with rows of equal *parts* together, and where each group begins.

    The groups come in no order that means anything; within a group rows keep theirs.

    Args:
        parts: the parts of the key, integer arrays of one length.
    """
    rows = len(parts[0])
    if not rows:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    mixed = np.zeros(rows, np.uint64)
    for part in parts:
        mixed = (mixed ^ (mixed >> np.uint64(32)) ^ part.astype(np.uint64)) * _ODD
    low = np.uint64((1 << rows.bit_length()) - 1)
    # Sorting numbers is several times faster than sorting positions by them.
    ordered = np.sort((mixed & ~low) | np.arange(rows, dtype=np.uint64))
    order = (ordered & low).astype(np.intp)
    ordered &= ~low
    new = ordered[1:] != ordered[:-1]
    differs = _changes(parts, order)
    if (differs & ~new).any():  # two keys met in the bits that are left
        order = np.lexsort([*parts])
        differs = _changes(parts, order)
    return order, np.flatnonzero(np.append(True, differs))


def _changes(parts: Sequence[NDArray[Any]], order: Positions) -> NDArray[np.bool_]:
    changes = np.zeros(len(order) - 1, np.bool_)
    for part in parts:
        values = part[order]
        changes |= values[1:] != values[:-1]
    return changes
