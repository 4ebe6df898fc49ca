"""Blocks of the kernel's ring, made by hand."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.decode.gather import PAD
from sentinel_netlab.sensor.capture.ring import (
    BLOCK_HEADER_BYTES,
    BlockHeader,
    header_offsets,
    packets_in,
)

MAC_AT = 82  # where the kernel puts packets of interfaces without a network layer


def header(step: int, length: int, time_us: int = 0, wire: int | None = None) -> bytes:
    """A packet's header."""
    seconds, micro = divmod(time_us, 1_000_000)
    wire = length if wire is None else wire
    fields = struct.pack(
        "=IIIIIIHH", step, seconds, micro * 1000, length, wire, 1, MAC_AT, MAC_AT
    )
    return fields.ljust(MAC_AT, b"\0")


def block(packets: list[bytes]) -> tuple[bytes, BlockHeader]:
    """A block as the kernel fills it."""
    parts = [b"\0" * BLOCK_HEADER_BYTES]
    for number, packet in enumerate(packets):
        size = (MAC_AT + len(packet) + 7) & -8
        step = size if number < len(packets) - 1 else 0
        whole = header(step, len(packet), 1_000_000 + number) + packet
        parts.append(whole.ljust(size, b"\0") if step else whole)
    used = b"".join(parts)
    told = BlockHeader(len(packets), BLOCK_HEADER_BYTES, len(used))
    return used + b"\0" * PAD, told


def contents(data: bytes, told: BlockHeader) -> list[bytes]:
    """The packets that are found."""
    found = packets_in(data, told, linktype=127, first_number=1)
    return [
        found.raw[start : start + length].tobytes()
        for start, length in zip(
            found.start.tolist(), found.length.tolist(), strict=True
        )
    ]


forged = st.builds(
    lambda step, length: header(step * 8, length), st.integers(0, 40), st.integers(0, 9)
)
consistent = st.integers(0, 200).map(lambda n: header((MAC_AT + n + 7) & -8, n))
payload = st.one_of(
    st.binary(max_size=200),
    st.lists(st.one_of(st.binary(max_size=24), forged, consistent), max_size=4).map(
        b"".join
    ),
)


@given(st.lists(payload, max_size=20))
def test_packets_come_back(packets):
    """Whatever a packet holds, headers like the kernel's included, it is one packet."""
    assert contents(*block(packets)) == packets


@pytest.mark.parametrize("shift", range(8))
def test_false_header_at_the_place_of_a_true_one(shift):
    """A payload that imitates a header is never taken for one, at any offset."""
    lure = b"\0" * shift + header(88, 0) + b"\0" * 200

    assert contents(*block([lure, b"second", lure])) == [lure, b"second", lure]


def test_times_lengths_and_numbers():
    """Times are µs; numbers go on; what was cut off is known."""
    data, told = block([b"abc", b"de"])

    found = packets_in(data, told, linktype=105, first_number=7)

    assert found.ts_us.tolist() == [1_000_000, 1_000_001]
    assert found.number.tolist() == [7, 8]
    assert found.wire_length.tolist() == [3, 2]
    assert set(found.linktype.tolist()) == {105}


def test_empty_block():
    """A block that timed out without a packet has none."""
    data, _ = block([])

    assert contents(data, BlockHeader(0, BLOCK_HEADER_BYTES, len(data))) == []


@given(st.binary(min_size=60, max_size=400), st.integers(0, 9), st.integers(0, 500))
def test_damage_leads_nowhere(data, count, first):
    """Nothing is read outside of the block, whatever stands in it."""
    raw = np.frombuffer(data + b"\0" * PAD, np.uint8)

    at = header_offsets(raw, BlockHeader(count, first, len(data)))

    assert ((at >= 0) & (at < len(data))).all()
    packets_in(data + b"\0" * PAD, BlockHeader(count, first, len(data)), linktype=127,
               first_number=1)  # fmt: skip
