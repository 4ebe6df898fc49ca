"""How a capture's format is told, and what all parsers have in common."""

from __future__ import annotations

import struct
import tracemalloc

import pytest
from tests.support.air import pcap
from tests.support.blocks import Blocks

from sentinel_netlab.decode.packets import Packets
from sentinel_netlab.decode.pcap import PcapRecords
from sentinel_netlab.decode.pcapng import PcapngRecords
from sentinel_netlab.decode.records import (
    MOST_PACKET_BYTES,
    Damage,
    NotACapture,
    open_records,
)

CAPTURE = pcap([(at, bytes([at])) for at in range(10)], 105)


@pytest.mark.parametrize(
    ("head", "parser"),
    [
        (pcap([], 105), PcapRecords),
        (pcap([], 105, order=">", nanoseconds=True), PcapRecords),
        (Blocks("<").section()[:24], PcapngRecords),
        (Blocks(">").section()[:24], PcapngRecords),
        (b"\x0a\x0d\x0d\x0a", PcapngRecords),
    ],
)
def test_format_is_told_by_the_first_bytes(head, parser):
    """Whatever the byte order, and also where there are few bytes."""
    assert isinstance(open_records(head), parser)


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"", "the file is empty"),
        (b"BZh91AY", "compressed by bzip2"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"SQLite format 3\0", "Kismet"),
        (b"snoop\0\0\0", "a snoop capture"),
        (b"\x7fver", "Omnipeek"),
        (b"hello", "begins with 68 65 6c 6c"),
        (b"\xd4", "begins with d4"),
    ],
)
def test_no_capture_is_refused_by_name(head, what):
    """The message says in one line what the file is instead."""
    with pytest.raises(NotACapture, match=what) as caught:
        open_records(head)

    assert "\n" not in str(caught.value)


def test_blocks_have_the_size_that_is_asked():
    """All but the last one; none is empty."""
    records = open_records(CAPTURE, 4)

    assert [len(block) for block in records.feed(CAPTURE, last=True)] == [4, 4, 2]


def test_numbers_count_on_over_blocks_and_calls():
    """Packets are numbered from 1 on."""
    records = open_records(CAPTURE, 3)
    blocks = [*records.feed(CAPTURE[:100]), *records.feed(CAPTURE[100:], last=True)]

    assert [n for block in blocks for n in block.number.tolist()] == [*range(1, 11)]


def test_packets_outlive_the_parser():
    """The bytes of a block do not change while others are fed."""
    records = open_records(CAPTURE)
    [first, *_] = list(records.feed(CAPTURE[:60]))
    before = first.raw.tobytes()
    list(records.feed(bytes(1000), last=True))

    assert first.raw.tobytes() == before
    assert before[int(first.start[0])] == 0


def test_raw_ends_with_padding():
    """Fixed fields may be read behind the last packet."""
    records = open_records(CAPTURE)
    [block] = records.feed(CAPTURE, last=True)
    end = int(block.start[-1] + block.length[-1])

    assert isinstance(block, Packets)
    assert block.raw[end:].tobytes() == bytes(64)


def test_offset_is_that_of_the_first_unused_byte():
    """A record that is not all there has not been used."""
    records = open_records(CAPTURE)
    list(records.feed(CAPTURE[:50]))

    assert records.offset == 24 + 17


def test_damage_reads_as_a_clause_with_its_offset():
    """What is printed behind the name of the file."""
    damage = Damage(41, "the file ends inside a record")

    assert str(damage) == "the file ends inside a record (byte 41)"


def test_feeding_nothing_is_harmless():
    """An empty chunk gives no packets and is no damage."""
    records = open_records(CAPTURE)

    assert list(records.feed(b"")) == []
    assert list(records.feed(CAPTURE, last=False))
    assert list(records.feed(b"", last=True)) == []
    assert records.damage == []


def test_memory_stays_small_however_long_the_file():
    """Megabytes that are fed in pieces are not kept."""
    record = struct.pack("<IIII", 1, 1, 1000, 1000) + bytes(1000)
    records = open_records(CAPTURE)
    list(records.feed(CAPTURE))
    chunk = record * 64
    tracemalloc.start()
    for _ in range(200):
        list(records.feed(chunk))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak_bytes < 4 * len(chunk)


def test_long_record_in_small_pieces_is_joined_once():
    """A record that comes in many pieces costs no copy for each of them."""
    head = struct.pack("<IIII", 1, 1, MOST_PACKET_BYTES, MOST_PACKET_BYTES)
    records = open_records(CAPTURE)
    walks = []
    walk = records._walk
    records._walk = lambda *args: walks.append(1) or walk(*args)
    list(records.feed(CAPTURE + head))
    walks.clear()
    blocks = []
    for _ in range(MOST_PACKET_BYTES // 64):
        blocks += records.feed(bytes(64))

    assert [len(block) for block in blocks] == [1]
    assert len(walks) <= 2
