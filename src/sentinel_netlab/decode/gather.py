"""
Read numbers at many offsets of a byte buffer at once.

Offsets are not aligned, so each reader looks through a window that steps one byte.
Callers check lengths first; `PAD` zero bytes behind the last packet let them read a
fixed field of a frame at the end of the buffer before they look whether it was there.
NumPy raises IndexError on an offset outside the buffer, so a forgotten check is loud.

A gather of some bytes per row costs 4-8 ns however few they are, so what has several
fields near each other is fetched as a `Strip` once, and its fields read from that.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

PAD = 64
"""Zero bytes that must follow the last packet in a buffer."""

Offsets = NDArray[np.int64]


class Gather:
    """
    Number readers over *raw*, an array of bytes that ends with `PAD` zeros.

    Every method takes an array of offsets and gives an array of the same length.
    """

    __slots__ = ("_be2", "_be4", "_be8", "_le2", "_le4", "_le8", "raw")

    def __init__(self, raw: NDArray[np.uint8]) -> None:
        self.raw = raw
        self._le2 = _window(raw, "<u2")
        self._le4 = _window(raw, "<u4")
        self._le8 = _window(raw, "<u8")
        self._be2 = _window(raw, ">u2")
        self._be4 = _window(raw, ">u4")
        self._be8 = _window(raw, ">u8")

    def u8(self, at: Offsets) -> NDArray[np.uint8]:
        """Bytes."""
        return self.raw[at]

    def i8(self, at: Offsets) -> NDArray[np.int8]:
        """Signed bytes."""
        return self.raw[at].view(np.int8)

    def le16(self, at: Offsets) -> NDArray[np.uint16]:
        """Little-endian 16-bit numbers."""
        return self._le2[at]

    def le32(self, at: Offsets) -> NDArray[np.uint32]:
        """Little-endian 32-bit numbers."""
        return self._le4[at]

    def le64(self, at: Offsets) -> NDArray[np.uint64]:
        """Little-endian 64-bit numbers."""
        return self._le8[at]

    def be16(self, at: Offsets) -> NDArray[np.uint16]:
        """Big-endian 16-bit numbers."""
        return self._be2[at].astype(np.uint16)

    def be32(self, at: Offsets) -> NDArray[np.uint32]:
        """Big-endian 32-bit numbers."""
        return self._be4[at].astype(np.uint32)

    def be64(self, at: Offsets) -> NDArray[np.uint64]:
        """Big-endian 64-bit numbers."""
        return self._be8[at].astype(np.uint64)

    def address(self, at: Offsets) -> NDArray[np.uint64]:
        """48-bit MAC addresses, first byte highest."""
        return self._be8[at].astype(np.uint64) >> np.uint64(16)

    def slice(self, at: Offsets, width: int) -> NDArray[np.uint8]:
        """Array of shape (rows, *width*) of the bytes from each offset on."""
        table = _window(self.raw, f"V{width}")[at].view(np.uint8)
        return table.reshape(len(at), width)

    def strip(self, at: Offsets, width: int) -> Strip:
        """The *width* bytes from each offset on."""
        return Strip(self.slice(at, width))


class Strip:
    """
    The first bytes from each of many offsets on, side by side.

    Every reader takes one place, counted from those offsets, and gives the number that
    stands there in each row, as an array with gaps: copy what is to be kept.
    """

    __slots__ = ("table",)

    def __init__(self, table: NDArray[np.uint8]) -> None:
        self.table = table

    def behind(self, place: int) -> Strip:
        """The same bytes, places counted from *place* on."""
        return Strip(self.table[:, place:])

    def of(self, which: NDArray[np.intp] | slice) -> Strip:
        """The strips *which* of them."""
        return Strip(self.table[which])

    def u8(self, place: int = 0) -> NDArray[np.uint8]:
        """Bytes."""
        return self.table[:, place]

    def i8(self, place: int = 0) -> NDArray[np.int8]:
        """Signed bytes."""
        return self.table[:, place].view(np.int8)

    def le16(self, place: int = 0) -> NDArray[np.uint16]:
        """Little-endian 16-bit numbers."""
        return self._read(place, "<u2")

    def le32(self, place: int = 0) -> NDArray[np.uint32]:
        """Little-endian 32-bit numbers."""
        return self._read(place, "<u4")

    def le64(self, place: int = 0) -> NDArray[np.uint64]:
        """Little-endian 64-bit numbers."""
        return self._read(place, "<u8")

    def be16(self, place: int = 0) -> NDArray[np.uint16]:
        """Big-endian 16-bit numbers."""
        return self._read(place, ">u2").astype(np.uint16)

    def be32(self, place: int = 0) -> NDArray[np.uint32]:
        """Big-endian 32-bit numbers."""
        return self._read(place, ">u4").astype(np.uint32)

    def be64(self, place: int = 0) -> NDArray[np.uint64]:
        """Big-endian 64-bit numbers."""
        return self._read(place, ">u8").astype(np.uint64)

    def address(self, place: int = 0) -> NDArray[np.uint64]:
        """48-bit MAC addresses, first byte highest; two bytes must follow them."""
        number = self.be64(place)
        number >>= np.uint64(16)
        return number

    def _read(self, place: int, dtype: str) -> NDArray[Any]:
        size = int(dtype[2])
        return self.table[:, place : place + size].view(dtype)[:, 0]


def all_or(rows: NDArray[np.intp], count: int) -> NDArray[np.intp] | slice:
    """*rows*, or a slice if they are all of *count*: that selects without a copy."""
    return slice(None) if len(rows) == count else rows


def _window(raw: NDArray[np.uint8], dtype: str) -> NDArray[Any]:
    size = np.dtype(dtype).itemsize
    count = max(len(raw) - size + 1, 0)
    return np.ndarray((count,), dtype, raw.data, 0, (1,))
