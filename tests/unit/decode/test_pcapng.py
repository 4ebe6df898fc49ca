"""Sections, interfaces and packets of pcapng files."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.blocks import Blocks
from tests.support.parse import parsed

from sentinel_netlab.decode.pcapng import refusal
from sentinel_netlab.decode.records import NotACapture, open_records

LITTLE, BIG = Blocks("<"), Blocks(">")
NAME_RESOLUTION, STATISTICS, JOURNAL, CUSTOM, SECRETS = 4, 5, 9, 0xBAD, 10


def mixed() -> bytes:
    """Two sections of different byte order, with all kinds of blocks and clocks."""
    return b"".join(
        [
            LITTLE.section(),
            LITTLE.interface(105),
            LITTLE.enhanced(b"one", 1_000_001),
            LITTLE.block(SECRETS, b"unknown"),
            LITTLE.interface(127, options=LITTLE.clock(9, 10)),
            LITTLE.enhanced(b"two", 2_000_000_999, interface=1),
            LITTLE.simple(b"three"),
            BIG.section(),
            BIG.interface(119, options=BIG.clock(0x8A)),
            BIG.obsolete(b"four", 4 * 1024 + 512),
            BIG.enhanced(b"five", 5 * 1024),
        ]
    )


@pytest.mark.parametrize("some", [LITTLE, BIG], ids=["little", "big"])
def test_byte_order_is_that_of_the_section(some):
    """Packets, times and link type are the same in either order."""
    content = some.section() + some.interface(105) + some.enhanced(b"packet", 7)
    found = parsed(content)

    assert (found.packets, found.ts_us, found.linktype) == ([b"packet"], [7], [105])
    assert found.damage == []


def test_sections_and_interfaces_of_one_file():
    """Each section has its own byte order, interfaces and clocks."""
    found = parsed(mixed())

    assert found.packets == [b"one", b"two", b"three", b"four", b"five"]
    assert found.ts_us == [1_000_001, 12_000_000, 0, 4_500_000, 5_000_000]
    assert found.linktype == [105, 127, 105, 119, 119]
    assert found.number == [1, 2, 3, 4, 5]
    assert found.damage == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 400), max_size=12), st.integers(1, 4))
def test_cuts_change_nothing(cuts, block_frames):
    """Whatever pieces a file comes in, and however large the blocks are."""
    content = mixed() + BIG.enhanced(b"broken", captured=900) + b"\0\0\0"

    assert parsed(content, cuts, block_frames) == parsed(content)


def test_every_single_cut_changes_nothing():
    """Also one inside a length or a byte-order magic."""
    content, whole = mixed(), parsed(mixed())

    assert all(parsed(content, [cut]) == whole for cut in range(len(content)))
    assert parsed(content, range(len(content))) == whole


def test_fcs_of_an_interface_reaches_its_packets():
    """As the option says."""
    options = LITTLE.option(13, b"\x04")
    content = LITTLE.section() + LITTLE.interface(options=options)

    assert parsed(content + LITTLE.enhanced(b"frame")).fcs_bytes == [4]


def test_original_length_is_kept():
    """A packet that was cut while captured says how long it was."""
    content = LITTLE.section() + LITTLE.interface()
    content += LITTLE.enhanced(b"cut", original=1500) + LITTLE.enhanced(
        b"x", original=0
    )

    assert parsed(content).wire_length == [1500, 1]


def test_simple_packets_are_cut_by_snaplen():
    """What is behind the snaplen is padding."""
    content = LITTLE.section() + LITTLE.interface(snaplen=5)
    found = parsed(content + LITTLE.simple(b"12345\0\0\0", 100))

    assert (found.packets, found.wire_length) == ([b"12345"], [100])


def test_options_behind_a_packet_do_not_belong_to_it():
    """Also where they are damaged."""
    comment, broken = LITTLE.option(1, b"why"), b"\x01\x00\xff\xff"
    content = LITTLE.section() + LITTLE.interface()
    content += b"".join(
        LITTLE.enhanced(b"packet", options=options) for options in (comment, broken)
    )
    found = parsed(content)

    assert (found.packets, found.damage) == ([b"packet"] * 2, [])


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        (NAME_RESOLUTION, [1, 2]),
        (STATISTICS, [1, 2]),
        (0x80000001, [1, 2]),
        (JOURNAL, [1, 3]),
        (CUSTOM, [1, 3]),
    ],
)
def test_other_blocks_are_skipped(kind, numbers):
    """Those that Wireshark shows as packets have a number."""
    content = LITTLE.section() + LITTLE.interface() + LITTLE.enhanced(b"a")
    found = parsed(content + LITTLE.block(kind, b"body") + LITTLE.enhanced(b"b"))

    assert (found.packets, found.number) == ([b"a", b"b"], numbers)
    assert found.damage == []


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (LITTLE.section(), ""),
        (BIG.section(), ""),
        (LITTLE.section()[:11], ""),
        (LITTLE.section(version=2), "pcapng version 2 is not supported"),
        (BIG.section(version=2), "pcapng version 2 is not supported"),
        (LITTLE.section()[:8] + b"nope", "no byte-order magic"),
    ],
)
def test_refusal_says_why(head, why):
    """A version that nobody reads, or what only looks like a section."""
    assert bool(refusal(head)) == bool(why)
    assert why in refusal(head)


def test_refused_file_is_no_capture():
    """The same, from where files are opened."""
    with pytest.raises(NotACapture, match="pcapng version 7"):
        open_records(LITTLE.section(version=7)[:24])


def test_sections_without_packets_are_no_damage():
    """Any number of them, whatever the size of blocks."""
    assert parsed(LITTLE.section() * 300, block_frames=1).damage == []
