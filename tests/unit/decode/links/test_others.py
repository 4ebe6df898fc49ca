"""Plain 802.11, PPI, AVS and Prism headers."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.air import deauth, pcap
from tests.support.run import decoded, packets_in

from sentinel_netlab.core.frames import BAD_LINK, RADIO_FCS_AT_END, Frames
from sentinel_netlab.core.kinds import DEAUTH
from sentinel_netlab.decode.links import SUPPORTED, unsupported


def one(packet: bytes, linktype: int) -> Frames:
    [frames] = decoded(packets_in(pcap([(0, packet)], linktype)))
    return frames


def ppi(flags: int = 0, dlt: int = 105, signal: int = -42) -> bytes:
    """PPI with the 802.11-Common field."""
    common = struct.pack("<QHHHHBBbb", 99, flags, 4, 2437, 0, 0, 0, signal, -90)
    field = struct.pack("<HH", 2, len(common)) + common
    return struct.pack("<BBHI", 0, 0, 8 + len(field), dlt) + field


def avs(signal_type: int = 3, signal: int = -42) -> bytes:
    """The AVS header, version 1."""
    numbers = (
        0,
        1,
        6,
        110,
        0,
        0,
        signal_type,
        signal & 0xFFFFFFFF,
        -90 & 0xFFFFFFFF,
        0,
        0,
    )
    head = struct.pack(">IIQ", 0x80211001, 64, 99) + bytes(8)
    return head + struct.pack(">11I", *numbers)[4:]


def prism(order: str = "<", channel: int = 6) -> bytes:
    """The wlan-ng header."""
    values = [0, 0, channel, 0, 0, -42 & 0xFFFFFFFF, -90 & 0xFFFFFFFF, 4, 0, 0]
    items = b"".join(
        struct.pack(f"{order}IHHI", index << 12 | 0x44, 0, 4, value)
        for index, value in enumerate(values, 1)
    )
    return struct.pack(f"{order}II16s", 0x44, 144, b"wlan0") + items


def test_plain_frame():
    """Nothing in front, nothing behind."""
    frames = one(deauth(), 105)

    assert frames.kind.tolist() == [DEAUTH]
    assert frames.length.tolist() == [26]


@pytest.mark.parametrize(
    ("header", "linktype"),
    [(ppi(), 192), (prism(), 119), (prism(">"), 119), (avs(), 163), (avs(), 119)],
    ids=["PPI", "Prism", "Prism big-endian", "AVS", "AVS as Prism"],
)
def test_header_with_radio_values(header, linktype):
    """Frame, channel, signal and noise are found behind each header."""
    frames = one(header + deauth(), linktype)

    assert frames.kind.tolist() == [DEAUTH]
    assert frames.channel.tolist() == [6]
    assert frames.frequency_mhz.tolist() == [2437]
    assert (frames.signal_dbm[0], frames.noise_dbm[0]) == (-42, -90)


def test_ppi_around_something_else_is_a_bad_link():
    """An inner link type of Ethernet is not read as 802.11."""
    assert one(ppi(dlt=1) + deauth(), 192).malformed.tolist() == [BAD_LINK]


def test_ppi_fcs_is_removed():
    """Flag bit 0 says that it is there, bit 2 that it was wrong."""
    frames = one(ppi(flags=5) + deauth() + bytes(4), 192)

    assert frames.length.tolist() == [26]
    assert frames.bad_fcs.tolist() == [True]
    assert frames.radio_flags[0] & RADIO_FCS_AT_END


def test_avs_signal_in_another_unit_is_left():
    """Only dBm is dBm."""
    assert one(avs(signal_type=1) + deauth(), 163).signal_dbm[0] == -32768


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(sorted(SUPPORTED)))
def test_no_bytes_raise(packet, linktype):
    """Any packet is one row."""
    assert len(one(packet, linktype)) == 1


def test_unsupported_link_type_is_named():
    """The message says what it is and what can be read."""
    assert "Ethernet" in unsupported(1)
    assert "link type 9999" in unsupported(9999)
    assert "127" in unsupported(1)
