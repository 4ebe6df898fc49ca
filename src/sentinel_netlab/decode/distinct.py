"""
Which of many byte strings are equal, without a Python object for each of them.

Strings are hashed and then compared, all at once: a 64-bit linear hash merges some
strings of real captures, and whoever knows it can make others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.decode.gather import Gather, Offsets

Rows = NDArray[np.intp]

WIDTHS = (64, 192, 512)
"""Strings are laid side by side with others of at most so many bytes."""

FEWEST = 24
"""Fewer strings of a width are not worth the fixed cost of looking at them at once."""

_BITS = 16
_ROUNDS = 3
"""Places of the table by different bits of the hash, before we stop looking."""

_FACTORS = np.array(
    [pow(0x9E3779B97F4A7C15, power, 2**64) for power in range(1, WIDTHS[-1] // 8 + 1)],
    np.uint64,
)
"""An odd factor for each 8 bytes."""

_MASKS = {
    width: (np.tri(width + 1, width, -1, np.uint8) * np.uint8(0xFF)).view(np.uint64)
    for width in WIDTHS
}
"""By width and length of a string: ones where its bytes are."""


def first_equals(gather: Gather, at: Offsets, size: Offsets) -> Rows:
    """
    For each string the place of an equal one that came first, or its own.

    Where two strings have the same answer they are equal; that equal strings have the
    same answer holds for nearly all of them, and never for those beyond `WIDTHS`.

    Args:
        at, size: offset and length of each string.
    """
    first = np.arange(len(at))
    least = -1
    for width in WIDTHS:
        room = len(gather.raw) - width
        among = np.flatnonzero((size > least) & (size <= width) & (at <= room))
        least = width
        if len(among) >= FEWEST:
            table = gather.slice(at[among], width).view(np.uint64)
            table &= _MASKS[width].take(size[among], axis=0)
            first[among] = among[_first_rows(table, size[among])]
    return first


def _first_rows(table: NDArray[np.uint64], size: Offsets) -> Rows:
    """For each row of *table* a row, not behind it, that holds the same string."""
    sums = table @ _FACTORS[: table.shape[1]]
    sums += size.astype(np.uint64)
    first = _by_sums(sums)
    other = table.take(first, axis=0)
    other ^= table
    different = size[first] != size
    if other.any():
        different |= other.any(axis=1)
    first[different] = np.flatnonzero(different)
    return first


def _by_sums(sums: NDArray[np.uint64]) -> Rows:
    """For each of *sums* the place of the first that is equal, mostly."""
    first = np.arange(len(sums))
    places = np.empty(1 << _BITS, np.intp)
    left = first
    for turn in range(_ROUNDS):
        mine = sums[left]
        slot = mine >> np.uint64(64 - _BITS - 8 * turn) & np.uint64((1 << _BITS) - 1)
        slot = slot.astype(np.intp)
        # What is assigned last stays: the first of them all.
        places[slot[::-1]] = left[::-1]
        found = places[slot]
        same = sums[found] == mine
        first[left[same]] = found[same]
        left = left[~same]
        if not len(left):
            break
    return first
