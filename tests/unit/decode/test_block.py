"""All steps of decoding."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.air import Air, beacon, deauth, pcap
from tests.support.run import packets_in

from sentinel_netlab.core.frames import BAD_LINK, Frames
from sentinel_netlab.decode.block import BlockDecoder


def decoded(packets: list[bytes], linktype: int) -> list[Frames]:
    blocks = packets_in(pcap([(0, one) for one in packets], linktype))
    decoder = BlockDecoder()
    return [decoder.decode(block) for block in blocks]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.binary(max_size=80), min_size=1, max_size=8),
    st.sampled_from([105, 119, 127, 163, 192, 1]),
)
def test_no_bytes_raise(packets, linktype):
    """Whatever is in the packets, each becomes one row."""
    assert sum(len(block) for block in decoded(packets, linktype)) == len(packets)


def test_numbers_and_places_are_the_packets():
    """A row leads back to its packet."""
    air = Air()
    air.send(beacon())
    air.send(deauth())
    [frames] = air.frames()
    start, length = int(frames.packet_start[1]), int(frames.packet_length[1])

    assert frames.number.tolist() == [1, 2]
    assert frames.raw[start : start + length].tobytes() == air.packets[1][1]


def test_unknown_link_type_is_a_row_that_says_so():
    """Nothing is guessed from other packets."""
    [frames] = decoded([b"\x80\x00" + bytes(40)], 1)

    assert frames.malformed.tolist() == [BAD_LINK]
    assert frames.present == 0


def test_raw_bytes_are_not_writable():
    """What frames refer to is never written again."""
    air = Air()
    air.send(beacon())
    [frames] = air.frames()

    assert isinstance(frames.raw, np.ndarray)
    assert not frames.raw.flags.writeable
