"""Numbers at many offsets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.decode.gather import PAD, Gather


@given(st.binary(min_size=1, max_size=40), st.lists(st.integers(0, 39), max_size=8))
def test_readers_equal_int_from_bytes(data, offsets):
    """Every reader is what the definition says, at every offset."""
    raw = data + bytes(PAD)
    gather = Gather(np.frombuffer(raw, np.uint8))
    at = np.array([offset % len(data) for offset in offsets], np.int64)

    for name, size, order in (
        ("u8", 1, "big"),
        ("le16", 2, "little"),
        ("be16", 2, "big"),
        ("le32", 4, "little"),
        ("be32", 4, "big"),
        ("le64", 8, "little"),
        ("be64", 8, "big"),
        ("address", 6, "big"),
    ):
        wanted = [int.from_bytes(raw[o : o + size], order) for o in at.tolist()]
        assert getattr(gather, name)(at).tolist() == wanted


def test_offset_outside_is_loud():
    """A forgotten check is an error, not a wrong number."""
    gather = Gather(np.zeros(PAD, np.uint8))

    with pytest.raises(IndexError):
        gather.le64(np.array([PAD]))


@given(st.binary(min_size=1, max_size=40), st.lists(st.integers(0, 39), max_size=8))
def test_strip_reads_what_the_readers_do(data, offsets):
    """A field at a place of each strip is the number at that offset of the buffer."""
    gather = Gather(np.frombuffer(data + bytes(PAD), np.uint8))
    at = np.array([offset % len(data) for offset in offsets], np.int64)
    strip = gather.strip(at, 16)

    assert np.array_equal(strip.u8(5), gather.u8(at + 5))
    assert np.array_equal(strip.i8(5), gather.i8(at + 5))
    assert np.array_equal(strip.le16(3), gather.le16(at + 3))
    assert np.array_equal(strip.le32(7), gather.le32(at + 7))
    assert np.array_equal(strip.behind(3).le64(2), gather.le64(at + 5))
    assert np.array_equal(strip.address(8), gather.address(at + 8))


def test_strip_that_leaves_the_buffer_is_loud():
    """Bytes behind the buffer are an error, also where only the last is outside."""
    gather = Gather(np.zeros(PAD, np.uint8))

    assert len(gather.strip(np.array([PAD - 8]), 8).table) == 1
    with pytest.raises(IndexError):
        gather.strip(np.array([PAD - 7]), 8)
