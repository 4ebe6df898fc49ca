"""
Follow records from header to header: the one loop over records that is in Python.

Each record says its own length, so where the next one begins is known only after this
one was looked at.  Everything else about records is read for all of them at once.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Chain:
    """
    How one record leads to the next.

    Attributes:
        layout: `struct` format, from the record's first byte on, of its length; of two
            numbers the smaller one counts.
        fixed_bytes: what the length does not count.
        header_bytes: what must be there before the length can be believed.
    """

    layout: str
    fixed_bytes: int
    header_bytes: int

    def follow(
        self, buffer: bytearray, at: int, size: int, most: int
    ) -> NDArray[np.int64]:
        """
        Offsets of up to *most* records from *at* on, and where the last one ends.

        The end may lie behind *size*, and nobody judges lengths here: a record of no
        length is given *most* times.
        """
        read = struct.Struct(self.layout).unpack_from
        steps = _steps(read, buffer, at, size - self.header_bytes, self.fixed_bytes)
        return np.fromiter(islice(steps, most + 1), np.int64)


def _steps(
    read: Callable[[bytearray, int], tuple[int, ...]],
    buffer: bytearray,
    at: int,
    last: int,
    fixed_bytes: int,
) -> Iterator[int]:
    if len(read(bytearray(64), 0)) == 1:
        while at <= last:
            yield at
            (length,) = read(buffer, at)
            at += fixed_bytes + length
    while at <= last:
        yield at
        at += fixed_bytes + min(read(buffer, at))
    yield at
