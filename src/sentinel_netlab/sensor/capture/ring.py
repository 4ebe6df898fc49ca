"""
Blocks of the kernel's packet ring (TPACKET_V3) as packets.

A block holds packets one behind the other, each behind a header that says how far the
next one is.  The headers are found for all packets at once: they begin at multiples of
8, and the distance that one says follows from its other fields.  What a packet's own
bytes pretend is sorted out by following the chain, in steps that double.

Source: Linux, include/uapi/linux/if_packet.h and net/packet/af_packet.c
(`prb_fill_curr_block`: the distance is the packet's end, rounded up; the last
one says 0).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from mmap import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.decode.gather import PAD, Gather
from sentinel_netlab.decode.packets import Packets

STATUS_AT = 8
"""Offset in a block of its owner: a bit set by the kernel, 0 to give it back."""
OF_USER = 1
BLOCK_HEADER_BYTES = 48
PACKET_HEADER_BYTES = 48
ALIGNMENT = 8
_BLOCK = struct.Struct("=III")
_BLOCK_AT = 12  # packets, offset of the first one, bytes in use


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """
    What the kernel says of a block.

    Attributes:
        packets: how many it holds; a block that timed out may be empty.
        first: offset of the first packet's header.
        used_bytes: from the block's beginning on.
    """

    packets: int
    first: int
    used_bytes: int

    @classmethod
    def read(cls, ring: bytes | mmap, at: int) -> BlockHeader:
        """The header of the block that begins at *at*."""
        return cls(*_BLOCK.unpack_from(ring, at + _BLOCK_AT))


def packets_in(
    block: bytes, header: BlockHeader, *, linktype: int, first_number: int
) -> Packets:
    """
    The packets of a block.

    Args:
        block: a copy of its used bytes, with `gather.PAD` zeros behind.
        linktype: of all of them.
        first_number: number of the first one.
    """
    raw = np.frombuffer(block, np.uint8)
    gather = Gather(raw)
    at = header_offsets(raw, header)
    seconds, nanoseconds = gather.le32(at + 4), gather.le32(at + 8)
    length = gather.le32(at + 12).astype(np.int64)
    start = at + gather.le16(at + 24)
    # The kernel keeps packets inside the block; a damaged ring must not lead outside.
    inside = np.clip(len(raw) - PAD - start, 0, None)
    return Packets(
        start=np.minimum(start, len(raw) - PAD),
        length=np.minimum(length, inside),
        wire_length=gather.le32(at + 16).astype(np.int64),
        ts_us=seconds.astype(np.int64) * 1_000_000 + nanoseconds // np.uint32(1000),
        number=np.arange(first_number, first_number + len(at), dtype=np.int64),
        linktype=np.full(len(at), linktype, np.uint16),
        fcs_bytes=np.zeros(len(at), np.uint8),
        raw=raw,
    )


def header_offsets(raw: NDArray[np.uint8], header: BlockHeader) -> NDArray[np.int64]:
    """
    Where the headers of the packets of a block begin.

    Fewer than the block says if the chain breaks, which a sound kernel never makes it.
    """
    slots = (len(raw) - PAD - PACKET_HEADER_BYTES - header.first) // ALIGNMENT + 1
    if not header.packets or slots <= 0:
        return np.zeros(0, np.int64)
    before = _column(raw, header.first, slots, "<u2", 24)
    # The kernel puts each packet at the same distance; if it did not, look everywhere.
    alike = np.flatnonzero(before == before[0])
    found = _followed(raw, header, alike)
    if len(found) < header.packets and len(alike) < slots:
        found = _followed(raw, header, np.arange(slots))
    return found


def _followed(
    raw: NDArray[np.uint8], header: BlockHeader, slots: NDArray[np.intp]
) -> NDArray[np.int64]:
    """The headers among *slots*, multiples of 8 from the first packet on."""
    last = int(slots[-1])
    step = _column(raw, header.first, last + 1, "<u4", 0)[slots].astype(np.int64)
    length = _column(raw, header.first, last + 1, "<u4", 12)[slots].astype(np.int64)
    before = _column(raw, header.first, last + 1, "<u2", 24)[slots]
    fits = (before + length + ALIGNMENT - 1) & -ALIGNMENT == step
    inner = fits & (step > 0)
    at, step = header.first + slots[inner] * ALIGNMENT, step[inner]
    chain = _chain(at, step, header.first, header.packets - 1)
    if not len(chain):
        return np.array([header.first], np.int64)
    behind = at[chain[-1]] + step[chain[-1]]
    is_there = behind <= len(raw) - PAD - PACKET_HEADER_BYTES
    found: NDArray[np.int64] = np.append(at[chain], [behind] if is_there else [])
    return found.astype(np.int64)


def _chain(
    at: NDArray[np.int64], step: NDArray[np.int64], first: int, most: int
) -> NDArray[np.intp]:
    """Indexes of up to *most* of the headers at *at* that lead to each other."""
    nobody = len(at)
    if not most or not nobody or at[0] != first:
        return np.zeros(0, np.intp)
    target = at + step
    follower = np.searchsorted(at, target)
    clipped = np.minimum(follower, nobody - 1)
    jump = np.append(np.where(at[clipped] == target, clipped, nobody), nobody)
    found = np.zeros(1, np.intp)
    while len(found) < most and found[-1] != nobody:
        found = np.append(found, jump[found])
        jump = jump[jump]
    found = found[:most]
    whole: NDArray[np.intp] = found[found != nobody]
    return whole


def _column(
    raw: NDArray[np.uint8], first: int, count: int, dtype: str, offset: int
) -> NDArray[Any]:
    """A number at *offset* from each multiple of 8 from *first* on."""
    return np.ndarray((count,), dtype, raw.data, first + offset, (ALIGNMENT,))
