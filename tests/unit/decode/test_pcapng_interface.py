"""Interfaces and their clocks."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.blocks import FCSLEN, TSOFFSET, TSRESOL, Blocks

from sentinel_netlab.decode.pcapng_interface import (
    Clock,
    Interface,
    InterfaceTable,
    interface,
)

END = bytes(4)
U64 = st.integers(0, 2**64 - 1)


def described(options: bytes, order: str = "<") -> Interface:
    return interface(struct.pack(f"{order}HHI", 127, 0, 256) + options, order)


def time_us(clock: Clock, ticks: int) -> int:
    [result] = clock.ts_us(np.array([ticks], np.uint64)).tolist()
    return int(result)


def exact_us(clock: Clock, ticks: int) -> int:
    """The same with whole numbers of any size; 0 beyond 2**62."""
    base = 2 if clock.binary else 10
    us = ticks * 1_000_000 // base**clock.exponent
    return us if us < 2**62 else 0


@pytest.mark.parametrize(
    ("clock", "ticks", "wanted_us"),
    [
        (Clock(), 1_700_000_000_000_001, 1_700_000_000_000_001),
        (Clock(9), 1_700_000_000_000_001_999, 1_700_000_000_000_001),
        (Clock(0), 1_700_000_000, 1_700_000_000_000_000),
        (Clock(3), 1_700_000_000_001, 1_700_000_000_001_000),
        (Clock(12), 1_999_999, 1),
        (Clock(25), 2**64 - 1, 1),
        (Clock(26), 2**64 - 1, 0),
        (Clock(10, binary=True), 1536, 1_500_000),
        (Clock(32, binary=True), 3 << 31, 1_500_000),
        (Clock(0, binary=True), 5, 5_000_000),
        (Clock(offset_s=-3), 5_000_000, 2_000_000),
        (Clock(9, offset_s=10), 1000, 10_000_001),
    ],
)
def test_ticks_are_powers_of_ten_or_two(clock, ticks, wanted_us):
    """Rounded down to µs; the offset is added."""
    assert time_us(clock, ticks) == wanted_us


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 127), st.booleans(), U64)
def test_any_clock_is_exact(exponent, binary, ticks):
    """Equal to the definition in whole numbers, without overflow."""
    clock = Clock(exponent, binary)

    assert time_us(clock, ticks) == exact_us(clock, ticks)


@pytest.mark.parametrize("offset_s", [2**63 - 1, -(2**63), 2**62 // 10**6 + 1])
def test_impossible_offset_is_no_offset_and_no_time(offset_s):
    """It must not overflow; the times are 0."""
    assert time_us(Clock(offset_s=offset_s), 5) == 0


@pytest.mark.parametrize("order", "<>")
def test_fixed_fields_and_options(order):
    """Link type, snaplen, resolution, offset, FCS."""
    some = Blocks(order)
    options = some.clock(0x8A, -7) + some.option(FCSLEN, b"\x04") + END
    found = described(options, order)

    assert (found.linktype, found.snaplen, found.fcs_bytes) == (127, 256, 4)
    assert found.clock == Clock(10, binary=True, offset_s=-7)


@pytest.mark.parametrize(
    ("value", "fcs_bytes"),
    [(b"\x04", 4), (b"\x20", 4), (b"\x00", 0), (b"\x10", 0), (b"", 0)],
)
def test_fcs_length_is_in_bytes_or_bits(value, fcs_bytes):
    """Only the four bytes of 802.11 are believed."""
    assert described(Blocks().option(FCSLEN, value)).fcs_bytes == fcs_bytes


@pytest.mark.parametrize(
    "options",
    [
        b"",
        END + Blocks().clock(9),
        Blocks().option(TSRESOL, b""),
        Blocks().option(TSOFFSET, b"\x01\x00\x00\x00"),
        struct.pack("<HH", TSRESOL, 500) + b"\x09",
        struct.pack("<HH", TSRESOL, 1)[:3],
    ],
    ids=["none", "behind the end", "empty", "short", "too long", "half a header"],
)
def test_damaged_options_leave_the_clock_as_it_is(options):
    """Microseconds, no offset."""
    assert described(options).clock == Clock()


def test_options_in_front_of_damage_count():
    """The walk over options stops where one does not fit."""
    options = Blocks().option(TSRESOL, b"\x09") + struct.pack("<HH", TSOFFSET, 400)

    assert described(options).clock == Clock(9)


def test_first_of_equal_options_counts():
    """An option that may stand once is not changed by a second one."""
    some = Blocks()
    options = some.option(TSRESOL, b"\x09") + some.option(TSRESOL, b"\x03")

    assert described(options).clock == Clock(9)


def test_unknown_options_are_skipped():
    """With the padding of odd lengths."""
    some = Blocks()
    options = some.option(2, b"wlan0") + some.option(0xBAD, b"x") + some.clock(9)

    assert described(options).clock == Clock(9)


@given(st.binary(max_size=60), st.sampled_from("<>"))
def test_any_options_are_survived(options, order):
    """Nothing raises."""
    assert described(options, order).linktype == 127


def test_each_packet_has_the_clock_of_its_interface():
    """Also where interfaces are mixed; no packet is fine."""
    table = InterfaceTable()
    table.extend([Interface(105, 0, Clock(6), 0)])
    table.extend([Interface(127, 0, Clock(9), 4)])
    ticks = np.array([5000, 5000, 6000], np.uint64)

    assert table.ts_us(np.array([1, 0, 1]), ticks).tolist() == [5, 5000, 6]
    assert table.ts_us(np.zeros(3, np.int64), ticks).tolist() == [5000, 5000, 6000]
    assert table.ts_us(np.zeros(0, np.int64), ticks[:0]).tolist() == []
    assert (len(table), table.linktype.tolist()) == (2, [105, 127])
