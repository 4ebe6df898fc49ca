"""
pcapng files: several sections, several interfaces, three kinds of packet blocks.

Source: IETF draft-ietf-opsawg-pcapng.  What a damaged block does: a packet that
contradicts its block or its section is left out and counted, and the walk goes on with
the next block; a block that ends with another length than it began with is left out,
and if the next one does so too the walk has lost the way and stops.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.decode.gather import Gather
from sentinel_netlab.decode.packets import Packets
from sentinel_netlab.decode.pcapng_blocks import (
    ENHANCED,
    KINDS,
    Ints,
    PacketBlocks,
    packet_blocks,
)
from sentinel_netlab.decode.pcapng_interface import (
    FIXED_BYTES,
    MOST_INTERFACES,
    InterfaceTable,
    interface,
)
from sentinel_netlab.decode.records import (
    BLOCK_FRAMES,
    MOST_DAMAGE,
    MOST_PACKET_BYTES,
    Records,
    read_only,
)
from sentinel_netlab.decode.walk import Chain

SECTION_HEADER = b"\x0a\x0d\x0d\x0a"
MOST_BLOCK_BYTES = 16 << 20
"""A longer block is damage, as libpcap says: we would have to buffer it."""

_SECTION, _INTERFACE = 0x0A0D0D0A, 1
_OTHER_RECORDS = (9, 0xBAD, 0x40000BAD, 0x204, 0x208, 0x216, 0x217, 0x221, 0x222)
"""Journal entries, custom blocks, system calls: Wireshark numbers them like packets."""
_NUMBERED = np.array((*KINDS, *_OTHER_RECORDS), np.uint32)

_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_VERSION = 1
_BLOCK_BYTES, _SECTION_BYTES = 12, 28
_FEWEST_BLOCKS = 64
"""Blocks that are looked at ahead where sections are short."""


def refusal(head: bytes) -> str:
    """Why a file that begins with *head*, as a section does, is no pcapng; or ''."""
    if len(head) < 12:
        return ""
    order = _ORDERS.get(head[8:12])
    if order is None:
        return "not a pcapng file: there is no byte-order magic in its first block"
    if len(head) >= 14:
        version = struct.unpack_from(f"{order}H", head, 12)[0]
        if version != _VERSION:
            return f"pcapng version {version} is not supported"
    return ""


class PcapngRecords(Records):
    """Parser of pcapng files (`Records`)."""

    def __init__(self, block_frames: int = BLOCK_FRAMES) -> None:
        super().__init__(block_frames)
        self._inside = "a block"
        self._order = "<"
        self._interfaces = InterfaceTable()
        self._suspect = False
        self._reach = _FEWEST_BLOCKS
        self._notes: list[tuple[int, str]] = []

    def _walk(
        self, buffer: bytearray, start: int, size: int
    ) -> tuple[int, Packets | None]:
        parts: list[Packets] = []
        at, room = start, self._block_frames
        while room > 0 and not self._stopped:
            if buffer[at : at + 4] == SECTION_HEADER:
                end = self._section(buffer, at, size)
            else:
                end, part = self._run(buffer, at, size, room)
                if part is not None:
                    parts.append(part)
                    room -= len(part)
            if end == at:
                break
            at = end
        return at, _joined(parts)

    def _section(self, buffer: bytearray, at: int, size: int) -> int:
        """Begin the section at *at*; give the offset behind its header block."""
        if size - at < _SECTION_BYTES:
            return at
        order = _ORDERS.get(bytes(buffer[at + 8 : at + 12]))
        if order is None:
            self._stop(at, "a section without a byte-order magic")
            return at
        length, _, version = struct.unpack_from(f"{order}IIH", buffer, at + 4)
        if length < _SECTION_BYTES or length % 4 or length > MOST_BLOCK_BYTES:
            self._stop(at, f"a section header of {length} bytes is impossible")
            return at
        end = at + int(length)
        if end > size:
            self._needed_bytes = end - at
            return at
        again = struct.unpack_from(f"{order}I", buffer, end - 4)[0]
        self._suspect = again != length
        if self._suspect:
            self._note(at, f"a block of {length} bytes that ends as one of {again}")
        if version != _VERSION:
            self._note(at, f"a section of pcapng version {version}, which is not known")
        self._order = order
        self._interfaces = InterfaceTable()
        return end

    def _run(
        self, buffer: bytearray, start: int, size: int, most: int
    ) -> tuple[int, Packets | None]:
        """Blocks of one section: up to *most*, or to the next section."""
        chain = Chain(f"{self._order}4xI", 0, _BLOCK_BYTES)
        at = chain.follow(buffer, start, size, min(most, self._reach))
        lengths = np.diff(at)
        gather = Gather(read_only(buffer))
        number = gather.le32 if self._order == "<" else gather.be32
        kinds = number(at[:-1])
        good, broken = self._sound(kinds, lengths, size - at[-1])
        twisted = number(at[1 : good + 1] - 4) != lengths[:good]
        if twisted.any():
            good, broken = self._untwisted(at, lengths, twisted, broken)
        if not good:
            packets = None
        else:
            self._suspect = bool(twisted[good - 1])
            blocks = at[:good], kinds[:good], lengths[:good], twisted[:good]
            packets = self._packets(buffer, gather, *blocks)
        self._tell()
        if broken:
            self._stop(int(at[good]), broken)
        return int(at[good]), packets

    def _sound(
        self, kinds: NDArray[np.uint32], lengths: Ints, left_bytes: int
    ) -> tuple[int, str]:
        """
        How many blocks of the section are whole, and what is wrong behind them.

        Args:
            left_bytes: behind the last one; below 0 if it is not all there.
        """
        impossible = (lengths < _BLOCK_BYTES) | (lengths > MOST_BLOCK_BYTES)
        impossible |= (lengths & 3) != 0
        ends = impossible | (kinds == _SECTION)
        self._reach = max(self._reach, 2 * len(lengths))
        if ends.any():
            first = int(ends.argmax())
            if kinds[first] == _SECTION:
                self._reach = 2 * first + _FEWEST_BLOCKS
                return first, ""
            return first, f"a block of {lengths[first]} bytes is impossible"
        if left_bytes < 0:
            self._needed_bytes = int(lengths[-1])
            return len(lengths) - 1, ""
        return len(lengths), ""

    def _untwisted(
        self, at: Ints, lengths: Ints, twisted: NDArray[np.bool_], broken: str
    ) -> tuple[int, str]:
        """As `_sound`, of blocks of which some end with another length; notes those."""
        before = np.concatenate(([self._suspect], twisted[:-1]))
        lost = twisted & before
        good = len(twisted)
        if lost.any():
            good = int(lost.argmax())
            broken = "two blocks in a row end with other lengths than they began with"
        for row in np.flatnonzero(twisted[:good])[:MOST_DAMAGE].tolist():
            what = f"a block of {lengths[row]} bytes that ends with another length"
            self._notes.append((int(at[row]), what))
        return good, broken

    def _packets(
        self,
        buffer: bytearray,
        gather: Gather,
        at: Ints,
        kinds: NDArray[np.uint32],
        lengths: Ints,
        twisted: NDArray[np.bool_],
    ) -> Packets:
        """The packets of whole blocks, after what the other blocks say."""
        before = len(self._interfaces)
        rows, interfaces_at = None, at[:0]
        numbers = self._number + np.arange(1, len(at) + 1)
        if (kinds != ENHANCED).any():
            described = kinds == _INTERFACE
            interfaces_at = at[described]
            self._describe(buffer, interfaces_at, (at + lengths)[described])
            numbers = self._number + np.cumsum(np.isin(kinds, _NUMBERED))
            rows = np.isin(kinds, KINDS)
        self._number = int(numbers[-1])
        if rows is not None:
            at, kinds, lengths = at[rows], kinds[rows], lengths[rows]
            numbers, twisted = numbers[rows], twisted[rows]
        snaplen = int(self._interfaces.snaplen[0]) if len(self._interfaces) else 0
        blocks = packet_blocks(gather, self._order, at, kinds, lengths, snaplen)
        there = self._interface_exists(blocks, before, interfaces_at)
        fits = (blocks.captured <= blocks.room) & (blocks.captured <= MOST_PACKET_BYTES)
        good = there & fits & ~twisted
        if good.all():
            return self._made(gather, blocks, slice(None), numbers)
        self._lose(blocks, ~good & ~twisted, there)
        self.lost_packets += int(np.count_nonzero(~good))
        return self._made(gather, blocks, np.flatnonzero(good), numbers)

    def _interface_exists(
        self, blocks: PacketBlocks, before: int, interfaces_at: Ints
    ) -> NDArray[np.bool_]:
        """Whether the interface of each packet was described in front of it."""
        there = blocks.index < before
        if len(interfaces_at):
            new = np.flatnonzero(~there & (blocks.index < len(self._interfaces)))
            described = interfaces_at[blocks.index[new] - before]
            there[new] = described < blocks.at[new]
        return there

    def _describe(self, buffer: bytearray, at: Ints, ends: Ints) -> None:
        """Take in the interface blocks between *at* and *ends*."""
        if not len(at):
            return
        room = MOST_INTERFACES - len(self._interfaces)
        if len(at) > room:
            what = f"more than {MOST_INTERFACES} interfaces; the others are left out"
            self._notes.append((int(at[max(room, 0)]), what))
        found = []
        for start, end in zip(at[:room].tolist(), ends[:room].tolist(), strict=True):
            body = bytes(buffer[start + 8 : end - 4])
            if len(body) < FIXED_BYTES:
                self._notes.append((start, "an interface block that is too short"))
            found.append(interface(body.ljust(FIXED_BYTES, b"\0"), self._order))
        self._interfaces.extend(found)

    def _lose(
        self, blocks: PacketBlocks, bad: NDArray[np.bool_], there: NDArray[np.bool_]
    ) -> None:
        """Note why packets are left out."""
        for row in np.flatnonzero(bad)[:MOST_DAMAGE].tolist():
            if blocks.room[row] < 0:
                what = "a packet block that is too short"
            elif not there[row]:
                index = blocks.index[row]
                what = f"a packet of interface {index}, which is not there"
            else:
                size = blocks.captured[row]
                what = f"a packet of {size} bytes, which its block does not hold"
            self._notes.append((int(blocks.at[row]), what))

    def _tell(self) -> None:
        """Give the notes of a run in the order of the file."""
        for at, what in sorted(self._notes):
            self._note(at, what)
        self._notes = []

    def _made(
        self,
        gather: Gather,
        blocks: PacketBlocks,
        rows: NDArray[np.intp] | slice,
        numbers: Ints,
    ) -> Packets:
        table, index = self._interfaces, blocks.index[rows]
        captured = blocks.captured[rows]
        times = table.ts_us(index, blocks.ticks[rows])
        return Packets(
            start=blocks.start[rows],
            length=captured,
            wire_length=np.maximum(captured, blocks.original[rows]),
            ts_us=np.where(blocks.timed[rows], times, 0),
            number=numbers[rows],
            linktype=table.linktype[index],
            fcs_bytes=table.fcs_bytes[index],
            raw=gather.raw,
        )


def _joined(parts: list[Packets]) -> Packets | None:
    """*parts* of one buffer as one; None if there are none."""
    if len(parts) <= 1:
        return parts[0] if parts else None
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in Packets.columns()
    }
    return Packets(**columns, raw=parts[0].raw)
