"""
Packet blocks of a pcapng section: where their packets lie and what they say of them.

Source: IETF draft-ietf-opsawg-pcapng, 4.3 (enhanced), 4.4 (simple), appendix A (the
obsolete packet block).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.decode.gather import Gather

PACKET, SIMPLE, ENHANCED = 2, 3, 6
KINDS = (ENHANCED, SIMPLE, PACKET)
_TRAILER_BYTES = 4
_HEAD_BYTES, _SIMPLE_HEAD_BYTES = 28, 12

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class PacketBlocks:
    """
    Columns of packet blocks; nothing has been checked.

    Attributes:
        at: offset of the block; start: of its packet.
        index: number of the interface.
        ticks: time stamp; 0 in simple blocks, which have none.
        timed: whether there is a time stamp.
        captured, original: bytes of the packet in the block and on the air.
        room: bytes that the block has for the packet; below 0 if it is too short.
    """

    at: Ints
    start: Ints
    index: Ints
    ticks: NDArray[np.uint64]
    timed: NDArray[np.bool_]
    captured: Ints
    original: Ints
    room: Ints


def packet_blocks(
    gather: Gather,
    order: str,
    at: Ints,
    kinds: NDArray[np.uint32],
    lengths: Ints,
    snaplen: int,
) -> PacketBlocks:
    """
    What the blocks at *at*, all of `KINDS`, say.

    Args:
        snaplen: of interface 0, to which simple blocks belong; 0 if it has none.
    """
    u16, u32 = (
        (gather.le16, gather.le32) if order == "<" else (gather.be16, gather.be32)
    )
    index = u32(at + 8).astype(np.int64)
    ticks = u32(at + 12).astype(np.uint64) << np.uint64(32) | u32(at + 16)
    captured = u32(at + 20).astype(np.int64)
    original = u32(at + 24).astype(np.int64)
    head = np.full(len(at), _HEAD_BYTES, np.int64)
    timed = np.ones(len(at), np.bool_)
    if (kinds != ENHANCED).any():
        old, simple = kinds == PACKET, kinds == SIMPLE
        index[old] = u16(at[old] + 8)
        original[simple] = index[simple]
        index[simple], ticks[simple], timed[simple] = 0, 0, False
        head[simple] = _SIMPLE_HEAD_BYTES
        # They do not say how much was captured: as much as snaplen and block allow.
        most = np.maximum(lengths[simple] - _SIMPLE_HEAD_BYTES - _TRAILER_BYTES, 0)
        if snaplen:
            most = np.minimum(most, snaplen)
        captured[simple] = np.minimum(original[simple], most)
    room = lengths - head - _TRAILER_BYTES
    return PacketBlocks(at, at + head, index, ticks, timed, captured, original, room)
