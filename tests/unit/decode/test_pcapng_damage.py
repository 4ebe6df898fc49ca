"""Damaged pcapng files: what is kept, and what is said with which offset."""

from __future__ import annotations

import struct

import pytest
from tests.support.blocks import Blocks
from tests.support.parse import parsed

from sentinel_netlab.decode.pcapng import MOST_BLOCK_BYTES
from sentinel_netlab.decode.records import (
    MOST_DAMAGE,
    MOST_PACKET_BYTES,
    open_records,
)

SOME = Blocks()
START = SOME.section() + SOME.interface() + SOME.enhanced(b"kept")
"""What stands in front of the damage."""
NEXT = SOME.enhanced(b"next")


@pytest.mark.parametrize("size", [0, 8, 13, 30, MOST_BLOCK_BYTES + 4, 0xFFFFFFFC])
def test_impossible_block_length_ends_the_walk(size):
    """Where the next block begins is not known; what lies before is kept."""
    found = parsed(START + struct.pack("<II", 6, size) + bytes(40) + NEXT)

    assert found.packets == [b"kept"]
    what = f"a block of {size} bytes is impossible"
    assert found.damage == [f"{what} (byte {len(START)})"]


def test_block_with_another_length_at_its_end_is_left_out():
    """The walk goes on with the next block; the packet is counted and numbered."""
    twisted = SOME.block(6, struct.pack("<IIIII", 0, 0, 0, 4, 4) + b"lost", end_bytes=9)
    found = parsed(START + twisted + NEXT)

    assert (found.packets, found.number) == ([b"kept", b"next"], [1, 3])
    assert found.lost_packets == 1
    what = f"a block of {len(twisted)} bytes that ends with another length"
    assert found.damage == [f"{what} (byte {len(START)})"]


def test_two_twisted_blocks_in_a_row_end_the_walk():
    """The way is lost; what lies before is kept."""
    twisted = SOME.block(6, bytes(24), end_bytes=9)
    found = parsed(START + twisted * 2 + NEXT)

    assert found.packets == [b"kept"]
    assert "two blocks in a row" in found.damage[-1]
    assert f"(byte {len(START) + len(twisted)})" in found.damage[-1]


@pytest.mark.parametrize("lost", [1, 4, 20, 35])
def test_truncated_block_is_damage_at_its_offset(lost):
    """A file that ends inside a block gives the packets before it."""
    found = parsed((START + NEXT)[:-lost])

    assert found.packets == [b"kept"]
    assert found.damage == [f"the file ends inside a block (byte {len(START)})"]


@pytest.mark.parametrize(
    ("block", "what"),
    [
        (SOME.enhanced(b"x", captured=5), "a packet of 5 bytes, which its block"),
        (SOME.enhanced(b"x", captured=2**32 - 1), "a packet of 4294967295 bytes"),
        (SOME.enhanced(b"x", interface=1), "a packet of interface 1, which is not"),
        (SOME.obsolete(b"x", interface=65535), "a packet of interface 65535, which"),
        (SOME.block(6, bytes(16)), "a packet block that is too short"),
        (SOME.block(2, b""), "a packet block that is too short"),
        (SOME.block(3, b""), "a packet block that is too short"),
    ],
)
def test_contradicting_packet_is_left_out(block, what):
    """It is counted, has a number, and the walk goes on."""
    found = parsed(START + block + NEXT)

    assert (found.packets, found.number) == ([b"kept", b"next"], [1, 3])
    assert found.lost_packets == 1
    [damage] = found.damage
    assert damage.startswith(what)
    assert damage.endswith(f"(byte {len(START)})")


def test_packet_longer_than_any_is_left_out():
    """Although its block holds it."""
    found = parsed(START + SOME.enhanced(bytes(MOST_PACKET_BYTES + 1)) + NEXT)

    assert (found.packets, found.lost_packets) == ([b"kept", b"next"], 1)


def test_interface_behind_its_packet_does_not_count():
    """An interface must be described before its packets."""
    content = SOME.section() + SOME.enhanced(b"early") + SOME.interface() + NEXT
    found = parsed(content)

    assert (found.packets, found.lost_packets) == ([b"next"], 1)


def test_interfaces_end_with_their_section():
    """A packet of the next section needs an interface of that section."""
    found = parsed(START + SOME.section() + SOME.enhanced(b"lost"))

    assert (found.packets, found.lost_packets) == ([b"kept"], 1)


def test_short_interface_block_is_damage_and_keeps_its_number():
    """Packets of the interfaces behind it are not mixed up."""
    content = SOME.section() + SOME.block(1, b"") + SOME.interface(127)
    found = parsed(content + SOME.enhanced(b"x", interface=1))

    assert found.linktype == [127]
    assert found.damage == ["an interface block that is too short (byte 28)"]


def test_section_without_byte_order_magic_ends_the_walk():
    """In mid-file its blocks could be in either order; what lies before is kept."""
    broken = SOME.section()[:8] + b"nope" + SOME.section()[12:]
    found = parsed(START + broken + NEXT)

    assert found.packets == [b"kept"]
    assert found.damage == [f"a section without a byte-order magic (byte {len(START)})"]


@pytest.mark.parametrize("size", [0, 24, 29, MOST_BLOCK_BYTES + 4])
def test_impossible_section_header_ends_the_walk(size):
    """As any other block."""
    broken = SOME.section()[:4] + struct.pack("<I", size) + SOME.section()[8:]
    found = parsed(START + broken + NEXT)

    assert found.packets == [b"kept"]
    what = f"a section header of {size} bytes is impossible"
    assert found.damage == [f"{what} (byte {len(START)})"]


def test_twisted_section_header_is_damage():
    """Its section is read all the same."""
    broken = SOME.section()[:-4] + struct.pack("<I", 32)
    found = parsed(START + broken + SOME.interface() + NEXT)

    assert found.packets == [b"kept", b"next"]
    what = "a block of 28 bytes that ends as one of 32"
    assert found.damage == [f"{what} (byte {len(START)})"]


def test_section_of_an_unknown_version_is_damage():
    """In mid-file it is read as far as possible."""
    found = parsed(START + SOME.section(version=2) + SOME.interface() + NEXT)

    assert found.packets == [b"kept", b"next"]
    what = "a section of pcapng version 2, which is not known"
    assert found.damage == [f"{what} (byte {len(START)})"]


def test_damage_is_told_in_the_order_of_the_file():
    """Whatever kind it is."""
    bad = [
        SOME.enhanced(b"x", interface=9),
        SOME.block(1, b""),
        SOME.block(6, b""),
        SOME.block(5, b"", end_bytes=0),
    ]
    found = parsed(START + b"".join(bad) + NEXT)
    offsets = [int(text.split("(byte ")[1][:-1]) for text in found.damage]

    assert offsets == [len(START) + len(b"".join(bad[:n])) for n in range(4)]


def test_damage_is_remembered_up_to_a_limit():
    """Lost packets are counted however many they are."""
    found = parsed(START + SOME.enhanced(b"x", interface=9) * 100)

    assert (len(found.damage), found.lost_packets) == (MOST_DAMAGE, 100)


@pytest.mark.parametrize("size", [MOST_BLOCK_BYTES, MOST_BLOCK_BYTES - 4])
def test_announced_block_is_not_allocated(size):
    """A long block that never comes costs the bytes that came."""
    records = open_records(START[:24])
    blocks = list(records.feed(START + struct.pack("<II", 6, size)))
    for _ in range(3):
        blocks += list(records.feed(bytes(1000)))

    assert [len(block) for block in blocks] == [1]
    assert records.offset == len(START)
    assert records._held_bytes == 3008


def test_long_block_in_pieces_is_read():
    """One of other content may be longer than any packet."""
    long = SOME.block(10, bytes(1 << 20))
    content = START + long + NEXT
    found = parsed(content, range(0, len(content), 100_000))

    assert (found.packets, found.damage) == ([b"kept", b"next"], [])
