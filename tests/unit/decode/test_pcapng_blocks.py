"""What packet blocks say, before anything is checked."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.blocks import Blocks

from sentinel_netlab.decode.gather import PAD, Gather
from sentinel_netlab.decode.pcapng_blocks import PacketBlocks, packet_blocks

TICKS = 0x0005_0000_0000_0007


def read(*blocks: bytes, order: str = "<", snaplen: int = 0) -> PacketBlocks:
    content = b"".join(blocks)
    gather = Gather(np.frombuffer(content + bytes(PAD), np.uint8))
    lengths = np.array([len(block) for block in blocks], np.int64)
    at = np.cumsum(lengths) - lengths
    kinds = (gather.le32 if order == "<" else gather.be32)(at)
    return packet_blocks(gather, order, at, kinds, lengths, snaplen)


@pytest.mark.parametrize("order", "<>")
def test_enhanced_block(order):
    """Interface, 64-bit ticks with the high word first, lengths."""
    packet = Blocks(order).enhanced(b"enhanced", TICKS, interface=3, original=99)
    found = read(packet, order=order)

    assert (found.index[0], found.ticks[0], found.timed[0]) == (3, TICKS, True)
    assert (found.captured[0], found.original[0]) == (8, 99)
    assert packet[found.start[0] :].startswith(b"enhanced")


@pytest.mark.parametrize("order", "<>")
def test_obsolete_block_has_a_short_interface_number(order):
    """The count of drops behind it does not belong to it."""
    packet = Blocks(order).obsolete(b"obsolete", TICKS, interface=3)
    found = read(packet, order=order)

    assert (found.index[0], found.ticks[0], found.timed[0]) == (3, TICKS, True)
    assert (found.captured[0], found.original[0]) == (8, 8)
    assert packet[found.start[0] :].startswith(b"obsolete")


@pytest.mark.parametrize("order", "<>")
def test_simple_block_has_no_time(order):
    """It belongs to interface 0 and says only how long the packet was."""
    packet = Blocks(order).simple(b"simple")
    found = read(packet, order=order)

    assert (found.index[0], found.ticks[0], found.timed[0]) == (0, 0, False)
    assert (found.captured[0], found.original[0]) == (6, 6)
    assert packet[found.start[0] :].startswith(b"simple")


@pytest.mark.parametrize(
    ("original", "snaplen", "captured"),
    [(100, 0, 8), (100, 5, 5), (6, 5, 5), (6, 0, 6), (6, 7, 6), (100, 50, 8)],
)
def test_simple_block_is_cut_by_snaplen_and_block(original, snaplen, captured):
    """The captured length is the least of original, snaplen and room."""
    found = read(Blocks().simple(b"12345678", original), snaplen=snaplen)

    assert found.captured.tolist() == [captured]


def test_room_is_what_the_block_holds():
    """Padding and options count as room; the fixed fields do not."""
    some = Blocks()
    found = read(some.enhanced(b"12345"), some.simple(b"1234"), some.obsolete(b""))

    assert found.room.tolist() == [8, 4, 0]


@pytest.mark.parametrize("kind", [2, 3, 6])
def test_block_without_fixed_fields_has_no_room(kind):
    """Below zero, so that it is never taken for an empty packet."""
    found = read(Blocks().block(kind, b""), Blocks().section())

    assert found.room[0] < 0


def test_kinds_may_be_mixed():
    """Each row keeps what its own kind says."""
    some = Blocks()
    found = read(
        some.simple(b"simple"),
        some.enhanced(b"enhanced", TICKS, interface=1),
        some.obsolete(b"obsolete", TICKS, interface=2),
    )

    assert found.index.tolist() == [0, 1, 2]
    assert found.timed.tolist() == [False, True, True]
    assert found.captured.tolist() == [6, 8, 8]
