"""
Interfaces of a pcapng section: link type, FCS, and what a tick of their clock is.

Source: IETF draft-ietf-opsawg-pcapng, 4.2 (interface description block).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_INTERFACES = 65_536
"""Interfaces of a section that are remembered; an obsolete packet names no more."""

FIXED_BYTES = 8
"""Link type, two reserved bytes, snaplen."""

_END, _TSRESOL, _FCSLEN, _TSOFFSET = 0, 9, 13, 14
_MOST_US = 2**62
"""A time beyond this, either way, is taken for no time at all."""


@dataclass(frozen=True, slots=True)
class Clock:
    """
    What the ticks of an interface mean.

    Attributes:
        exponent: a tick is 10**-exponent s, or 2**-exponent s if *binary*.
        offset_s: seconds to be added.
    """

    exponent: int = 6
    binary: bool = False
    offset_s: int = 0

    def ts_us(self, ticks: NDArray[np.uint64]) -> NDArray[np.int64]:
        """µs since 1970 of *ticks*, rounded down; 0 where they do not fit 63 bits."""
        offset_us = self.offset_s * 1_000_000
        times = (self._binary_us if self.binary else self._decimal_us)(ticks)
        fits = times < np.uint64(_MOST_US)
        if abs(offset_us) >= _MOST_US or not fits.all():
            times = np.where(fits & (abs(offset_us) < _MOST_US), times, 0)
            offset_us = offset_us if abs(offset_us) < _MOST_US else 0
        result: NDArray[np.int64] = times.astype(np.int64) + offset_us
        return np.where(np.abs(result) < _MOST_US, result, 0)

    def _decimal_us(self, ticks: NDArray[np.uint64]) -> NDArray[np.uint64]:
        more = self.exponent - 6
        if more > 19:  # 10**20 has more than 64 bits
            return np.zeros_like(ticks)
        if more >= 0:
            return ticks // np.uint64(10**more)
        each = 10**-more
        fits = ticks <= np.uint64((2**64 - 1) // each)
        return np.where(fits, ticks, np.uint64(2**64 // each)) * np.uint64(each)

    def _binary_us(self, ticks: NDArray[np.uint64]) -> NDArray[np.uint64]:
        if self.exponent == 0:
            return Clock(exponent=0)._decimal_us(ticks)  # noqa: SLF001  # our own
        # ticks * 10**6 has up to 84 bits: the product in two halves of 32 bits.
        million, word = np.uint64(1_000_000), np.uint64(32)
        low = (ticks & np.uint64(0xFFFFFFFF)) * million
        high = (ticks >> word) * million + (low >> word)
        if self.exponent >= 32:
            return high >> np.uint64(min(self.exponent - 32, 63))
        shift = np.uint64(self.exponent)
        low &= np.uint64(0xFFFFFFFF)
        fits = high < np.uint64(1) << (np.uint64(30) + shift)
        whole = (high << (word - shift)) | (low >> shift)
        return np.where(fits, whole, np.uint64(2**64 - 1))


@dataclass(frozen=True, slots=True)
class Interface:
    """
    What an interface block says about its packets.

    Attributes:
        snaplen: most bytes of a packet that were kept; 0 for all.
        fcs_bytes: FCS at the end of its packets.
    """

    linktype: int
    snaplen: int
    clock: Clock
    fcs_bytes: int


def interface(body: bytes, order: str) -> Interface:
    """The interface of a block's *body*, which has `FIXED_BYTES` at least."""
    linktype, _, snaplen = struct.unpack_from(f"{order}HHI", body)
    options = _options(body, order)
    exponent, binary, offset_s = 6, False, 0
    resolution = options.get(_TSRESOL)
    if resolution:
        exponent, binary = resolution[0] & 0x7F, bool(resolution[0] & 0x80)
    offset = options.get(_TSOFFSET, b"")
    if len(offset) == 8:
        offset_s = struct.unpack(f"{order}q", offset)[0]
    # Bits by the draft, but bytes in what many programs write; 802.11 has 32 bits.
    fcs_bytes = 4 if options.get(_FCSLEN) in {b"\x04", b"\x20"} else 0
    return Interface(linktype, snaplen, Clock(exponent, binary, offset_s), fcs_bytes)


def _options(body: bytes, order: str) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = FIXED_BYTES
    while at + 4 <= len(body):
        code, length = struct.unpack_from(f"{order}HH", body, at)
        if code == _END or at + 4 + length > len(body):
            break
        found.setdefault(code, body[at + 4 : at + 4 + length])
        at += 4 + (length + 3) // 4 * 4
    return found


class InterfaceTable:
    """The interfaces of a section, as columns by interface number."""

    def __init__(self) -> None:
        self._interfaces: list[Interface] = []
        self.linktype = np.zeros(0, np.uint16)
        self.snaplen = np.zeros(0, np.int64)
        self.fcs_bytes = np.zeros(0, np.uint8)

    def __len__(self) -> int:
        return len(self._interfaces)

    def extend(self, more: list[Interface]) -> None:
        """Take in *more*, in order; `MOST_INTERFACES` is the caller's business."""
        self._interfaces += more
        known = self._interfaces
        self.linktype = np.array([one.linktype for one in known], np.uint16)
        self.snaplen = np.array([one.snaplen for one in known], np.int64)
        self.fcs_bytes = np.array([one.fcs_bytes for one in known], np.uint8)

    def ts_us(
        self, index: NDArray[np.int64], ticks: NDArray[np.uint64]
    ) -> NDArray[np.int64]:
        """µs since 1970 of *ticks* of the interfaces *index*, which all exist."""
        if not len(index):
            return np.zeros(0, np.int64)
        known = self._interfaces
        if (index == index[0]).all():
            return known[int(index[0])].clock.ts_us(ticks)
        result = np.zeros(len(index), np.int64)
        for number in np.unique(index).tolist():
            mine = index == number
            result[mine] = known[number].clock.ts_us(ticks[mine])
        return result
