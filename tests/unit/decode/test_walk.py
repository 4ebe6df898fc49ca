"""The way from record to record."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel_netlab.decode.walk import Chain


def lengths_in_front(lengths: list[int]) -> bytes:
    """Records of a 4-byte length, which does not count itself, and as many bytes."""
    return b"".join(struct.pack("<I", length) + bytes(length) for length in lengths)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 20), max_size=12))
def test_offsets_are_sums_of_lengths(lengths):
    """Each record begins where the one before it ends."""
    buffer = lengths_in_front(lengths)
    at = Chain("<I", 4, 4).follow(buffer + bytes(64), 0, len(buffer), 100).tolist()

    assert at == [sum(4 + one for one in lengths[:n]) for n in range(len(lengths) + 1)]


def test_most_is_kept():
    """As many records as are asked, and where the last one ends."""
    buffer = lengths_in_front([1, 2, 3, 4])

    assert Chain("<I", 4, 4).follow(buffer, 0, len(buffer), 2).tolist() == [0, 5, 11]


def test_last_record_may_end_behind_the_bytes():
    """The end says how many bytes are missing."""
    buffer = struct.pack("<I", 1000) + bytes(64)

    assert Chain("<I", 4, 4).follow(buffer, 0, 10, 100).tolist() == [0, 1004]


@pytest.mark.parametrize("size", [0, 3])
def test_header_that_is_not_there_is_not_read(size):
    """A record is followed only when its header lies whole before the end."""
    assert Chain("<I", 4, 4).follow(bytes(64), 0, size, 100).tolist() == [0]


def test_smaller_of_two_lengths_counts():
    """As in pcap files of version 2.3."""
    buffer = struct.pack("<II", 90, 3) + b"abc" + struct.pack("<II", 0, 7) + bytes(64)

    assert Chain("<II", 8, 8).follow(buffer, 0, 19, 100).tolist() == [0, 11, 19]


def test_records_of_no_length_end():
    """They are given as often as is asked, not for ever."""
    assert Chain("<I", 0, 4).follow(bytes(64), 8, 64, 5).tolist() == [8] * 6


def test_byte_order_is_that_of_the_layout():
    """Lengths may be big-endian."""
    buffer = struct.pack(">I", 258) + bytes(400)

    assert Chain(">I", 4, 4).follow(buffer, 0, 262, 100).tolist() == [0, 262]
