"""
Records of a capture file: what every format's parser gives, and how it is chosen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.decode.gather import PAD
from sentinel_netlab.decode.packets import Packets

MOST_PACKET_BYTES = 262_144
"""Longest packet that is believed, as libpcap's MAXIMUM_SNAPLEN."""

BLOCK_FRAMES = 4096
"""Packets in a block, unless the caller says otherwise."""

MOST_DAMAGE = 16
"""Places of damage that are remembered; a broken file may have millions."""

_STRANGERS = {
    b"BZh": "compressed by bzip2",
    b"PK\x03\x04": "a ZIP archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"\x04\x22\x4d\x18": "compressed by LZ4",
    b"SQLi": "an SQLite database, perhaps a log of Kismet",
    b"snoo": "a snoop capture",
    b"GMBU": "a capture of Microsoft Network Monitor",
    b"RTSS": "a capture of Microsoft Network Monitor",
    b"\x7fver": "a capture of Omnipeek",
}
"""What files that are no pcap often are, by their first bytes."""


class NotACapture(ValueError):  # noqa: N818  # it says what the file is not
    """The bytes are no capture; the message says so in one line."""


@dataclass(frozen=True, slots=True)
class Damage:
    """
    Where a capture stops making sense.

    Attributes:
        offset: byte in the (decompressed) file.
        what: a clause such as ``the file ends inside a record``.
    """

    offset: int
    what: str

    def __str__(self) -> str:
        return f"{self.what} (byte {self.offset})"


class Records(ABC):
    """
    A push parser of one capture file.

    Attributes:
        damage: what is wrong with the file, in order, `MOST_DAMAGE` places at most;
            grows while bytes are fed.
        lost_packets: packets that were left out for what `damage` says; they have a
            number like all others.
        offset: byte in the file of the first byte that has not been used yet.
    """

    def __init__(self, block_frames: int = BLOCK_FRAMES) -> None:
        self.damage: list[Damage] = []
        self.lost_packets = 0
        self.offset = 0
        self._block_frames = block_frames
        self._buffer = bytearray()
        self._held_bytes = 0
        self._needed_bytes = 0
        self._number = 0
        self._stopped = False
        self._inside = "its header"

    def feed(self, chunk: bytes, *, last: bool = False) -> Iterator[Packets]:
        """
        Parse the next bytes of the file; how they are cut does not matter.

        Every block but the last of a call has up to ``block_frames`` packets, and none
        is empty.  The iterator must be used up before the next call.

        Args:
            last: the file ends with *chunk*.
        """
        self.room(len(chunk))[:] = chunk
        yield from self.filled(len(chunk), last=last)

    def room(self, size: int) -> memoryview:
        """Where the next *size* bytes of the file may be written, before `filled`."""
        held, wanted = self._held_bytes, self._held_bytes + size
        if len(self._buffer) < wanted + PAD:
            # A long record that comes byte by byte gets its place once.
            larger = bytearray(max(wanted, self._needed_bytes) + PAD)
            larger[:held] = memoryview(self._buffer)[:held]
            self._buffer = larger
        return memoryview(self._buffer)[held:wanted]

    def filled(self, count: int, *, last: bool = False) -> Iterator[Packets]:
        """Parse the next *count* bytes, which were written to `room`; as `feed`."""
        if self._stopped:
            return
        self._held_bytes += count
        if self._held_bytes < self._needed_bytes and not last:
            return
        buffer, size, used = self._buffer, self._held_bytes, 0
        while not self._stopped:
            self._needed_bytes = 0
            end, block = self._walk(buffer, used, size)
            if block is not None and len(block):
                yield block
            if end == used:
                break
            used = end
        self._keep(used)
        if last and self._held_bytes:
            self._stop(0, f"the file ends inside {self._inside}")

    @abstractmethod
    def _walk(
        self, buffer: bytearray, start: int, size: int
    ) -> tuple[int, Packets | None]:
        """
        Up to a block of records that lie whole in ``buffer[start:size]``.

        Returns the offset behind them (``start`` if there is none) and their packets;
        may set ``_needed_bytes`` to how many bytes from there on it waits for, and
        ``_inside`` to what those are.
        """

    def _keep(self, used: int) -> None:
        """Go on behind *used* bytes, in a fresh buffer: packets refer to the old."""
        self.offset += used
        rest = memoryview(self._buffer)[used : self._held_bytes]
        if self._stopped:
            self._buffer, self._held_bytes = bytearray(), 0
        elif used:
            self._buffer, self._held_bytes = bytearray(rest), len(rest)

    def _stop(self, ahead: int, what: str) -> None:
        """Give up; the damage lies *ahead* bytes behind `offset`."""
        self._stopped = True
        self._note(ahead, what)

    def _note(self, ahead: int, what: str) -> None:
        """Note damage that lies *ahead* bytes behind `offset`."""
        if len(self.damage) < MOST_DAMAGE:
            self.damage.append(Damage(self.offset + ahead, what))

    def _numbers(self, count: int) -> NDArray[np.int64]:
        """Numbers of the next *count* packets."""
        first = self._number + 1
        self._number += count
        return np.arange(first, first + count, dtype=np.int64)


def read_only(buffer: bytearray) -> NDArray[np.uint8]:
    """The bytes of *buffer*, which is not written again once packets refer to it."""
    raw = np.frombuffer(buffer, np.uint8)
    raw.flags.writeable = False
    return raw


def open_records(head: bytes, block_frames: int = BLOCK_FRAMES) -> Records:
    """
    The parser for a file that begins with *head*: its first 24 bytes, or all of it.

    Raises:
        NotACapture: the file is of no capture format, or of a version of one that
            nobody reads.
    """
    from sentinel_netlab.decode.pcap import PcapRecords, layout_of  # noqa: PLC0415
    from sentinel_netlab.decode.pcapng import (  # noqa: PLC0415  # they import us
        SECTION_HEADER,
        PcapngRecords,
        refusal,
    )

    if head[:4] == SECTION_HEADER:
        why = refusal(head)
        if why:
            raise NotACapture(why)
        return PcapngRecords(block_frames)
    layout = layout_of(head)
    if layout is not None:
        return PcapRecords(layout, block_frames)
    raise NotACapture(_stranger(head))


def _stranger(head: bytes) -> str:
    """What a file is that is no capture, in one line."""
    if not head:
        return "the file is empty"
    for magic, name in _STRANGERS.items():
        if head.startswith(magic):
            return f"not a pcap or pcapng file but {name}"
    return (
        f"not a pcap or pcapng file: it begins with {head[:4].hex(' ')}"
        " (only the first part of a split capture has the header that says how to read"
        " it)"
    )
