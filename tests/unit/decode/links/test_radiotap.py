"""Radiotap headers."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.air import Air, deauth, pcap
from tests.support.reference_radiotap import SIZES, build, read
from tests.support.run import decoded, packets_in

from sentinel_netlab.core.frames import (
    BAD_LINK,
    NO_DBM,
    NO_U64,
    PHY_EHT,
    PHY_HE,
    PHY_HT,
    PHY_VHT,
    RADIO_AMPDU,
    RADIO_TX,
    RADIO_USIG,
    Frames,
)

FIELDS = st.dictionaries(
    st.sampled_from(sorted(SIZES)), st.binary(min_size=12, max_size=12), max_size=12
)


def frames_of(*headers: bytes, frame: bytes | None = None) -> Frames:
    """A deauthentication behind each of *headers*."""
    body = deauth() if frame is None else frame
    packets = [(index, header + body) for index, header in enumerate(headers)]
    [frames] = decoded(packets_in(pcap(packets, 127)))
    return frames


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(FIELDS, st.integers(1, 3)), min_size=1, max_size=6))
def test_fields_equal_the_slow_reference(headers):
    """Whatever fields there are, in headers of one or several layouts."""
    made = []
    for fields, words in headers:
        values = {bit: value[: SIZES[bit][0]] for bit, value in fields.items()}
        values.pop(1, None)  # flags change where the frame ends; tested below
        made.append(build(values, words=words))
    frames = frames_of(*made)

    for row, header in enumerate(made):
        wanted = read(header)
        signal = struct.unpack("b", wanted[5])[0] if 5 in wanted else 0
        assert frames.signal_dbm[row] == (signal or NO_DBM)
        assert frames.start[row] - frames.packet_start[row] == len(header)
        if 3 in wanted:
            assert frames.frequency_mhz[row] == int.from_bytes(wanted[3][:2], "little")
        if 0 in wanted:
            assert frames.tsft_us[row] == int.from_bytes(wanted[0], "little")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_no_header_raises(header):
    """Any bytes are a header that can be read, or a bad link."""
    frames = frames_of(header, frame=b"")

    assert len(frames) == 1


@pytest.mark.parametrize(
    ("flags", "length", "bad"), [(0x00, 30, False), (0x10, 26, False), (0x50, 26, True)]
)
def test_fcs_is_removed_where_flagged(flags, length, bad):
    """And a wrong one is told."""
    frames = frames_of(build({1: bytes([flags])}), frame=deauth() + bytes(4))

    assert frames.length.tolist() == [length]
    assert frames.bad_fcs.tolist() == [bad]


def test_fcs_of_a_cut_packet_is_not_removed_twice():
    """What the capture cut off held the FCS already."""
    packet = build({1: b"\x10"}) + deauth()
    content = bytearray(pcap([(0, packet)], 127))
    struct.pack_into("<I", content, 24 + 12, len(packet) + 4)
    [frames] = decoded(packets_in(bytes(content)))

    assert frames.length.tolist() == [26]
    assert frames.snapped.tolist() == [False]


@pytest.mark.parametrize(
    "header",
    [
        b"",
        bytes(7),
        struct.pack("<BBHI", 1, 0, 8, 0),
        struct.pack("<BBHI", 0, 0, 500, 0),
    ],
    ids=["empty", "short", "version 1", "too long"],
)
def test_unusable_header_is_a_bad_link(header):
    """Nothing is decoded behind it."""
    frames = frames_of(header, frame=b"")

    assert frames.malformed.tolist() == [BAD_LINK]


@pytest.mark.parametrize(
    ("bit", "value", "phy", "mcs"),
    [
        (19, b"\x02\x00\x05", PHY_HT, 5),
        (21, bytes(4) + b"\x72" + bytes(7), PHY_VHT, 7),
        (23, b"\x20\x00" + bytes(2) + b"\x00\x09" + bytes(6), PHY_HE, 9),
    ],
)
def test_modern_rates(bit, value, phy, mcs):
    """HT, VHT and HE say their MCS."""
    frames = frames_of(build({bit: value}))

    assert (frames.phy[0], frames.mcs[0]) == (phy, mcs)


def test_tlvs_are_walked():
    """U-SIG and EHT stand behind the fields (bit 28)."""
    tlvs = struct.pack("<HH", 33, 4) + bytes(4) + struct.pack("<HH", 34, 2) + bytes(4)
    header = bytearray(struct.pack("<BBHI", 0, 0, 8 + len(tlvs), 1 << 28) + tlvs)
    frames = frames_of(bytes(header))

    assert frames.phy.tolist() == [PHY_EHT]
    assert frames.radio_flags[0] & RADIO_USIG


def test_antennas_are_kept_apart():
    """Further radiotap namespaces give signals per antenna."""
    words = [1 << 5 | 1 << 29 | 1 << 31, 1 << 5 | 1 << 11 | 1 << 29 | 1 << 31, 1 << 5]
    fields = struct.pack("<bbBb", -50, -51, 0, -60)
    size = 4 + 12 + len(fields)
    frames = frames_of(struct.pack("<BBH3I", 0, 0, size, *words) + fields)

    assert frames.signal_dbm.tolist() == [-50]
    assert frames.antenna_signal_dbm[0].tolist()[:2] == [-51, -60]


def test_vendor_namespace_is_skipped():
    """Its length is in the header."""
    words = [1 << 30 | 1 << 31, 0xFF | 1 << 29 | 1 << 31, 1 << 5]
    vendor = struct.pack("<3sBH", b"\x00\x11\x22", 0, 5) + bytes(5)
    size = 4 + 12 + len(vendor) + 1
    header = struct.pack("<BBH3I", 0, 0, size, *words) + vendor + b"\xce"
    frames = frames_of(header)

    assert frames.antenna_signal_dbm[0].tolist()[0] == -50
    assert frames.start[0] - frames.packet_start[0] == size


def test_other_fields():
    """A-MPDU reference, RX flags, TX flags, antenna, noise."""
    fields = {
        6: b"\xa1",
        11: b"\x02",
        14: b"\x02\x00",
        15: bytes(2),
        20: b"\x07" + bytes(7),
    }
    frames = frames_of(build(fields))

    assert frames.noise_dbm.tolist() == [-95]
    assert frames.antenna.tolist() == [2]
    assert frames.rx_flags.tolist() == [2]
    assert frames.ampdu_reference.tolist() == [7]
    assert frames.radio_flags[0] & (RADIO_TX | RADIO_AMPDU) == RADIO_TX | RADIO_AMPDU


def test_timestamp_stands_in_for_tsft():
    """In µs it is the TSF; in another unit it is left."""
    micro = build({22: struct.pack("<QHBB", 1234, 0, 1, 0)})
    milli = build({22: struct.pack("<QHBB", 1234, 0, 0, 0)})

    assert frames_of(micro, milli).tsft_us.tolist() == [1234, NO_U64]


def test_present_bits_beyond_the_registry_stop_the_fields():
    """What is not known cannot be skipped, but the frame is found."""
    air = Air()
    air.send(b"")
    frames = frames_of(
        struct.pack("<BBHI", 0, 0, 12, 1 << 26 | 1 << 2) + b"\x02\x00\0\0"
    )

    assert frames.rate_kbps.tolist() == [1000]
    assert np.array_equal(frames.malformed, [0])
