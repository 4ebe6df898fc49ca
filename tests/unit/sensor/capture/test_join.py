"""Several captures as one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.air import AP, START_US, Air, beacon, data, eapol_key

from sentinel_netlab.sensor.capture.join import joined

STEPS = st.lists(st.integers(0, 50_000), max_size=30)


def stream(steps: list[int], bssid: int, block_frames: int):
    air = Air(now_us=START_US)
    for step in steps:
        air.send(beacon(bssid=bssid), after_us=step)
    return iter(air.frames(block_frames)) if steps else iter(())


@settings(max_examples=40, deadline=None)
@given(STEPS, STEPS, st.integers(1, 8))
def test_frames_come_in_order_and_none_is_lost(first, second, block_frames):
    """Times are sorted, numbers count on, each stream keeps its order."""
    blocks = list(
        joined([stream(first, AP, block_frames), stream(second, AP + 1, block_frames)])
    )
    times = np.concatenate([b.ts_us for b in blocks] or [np.zeros(0)]).tolist()
    numbers = np.concatenate([b.number for b in blocks] or [np.zeros(0)]).tolist()

    wanted = [*np.cumsum(first), *np.cumsum(second)]
    assert times == sorted(START_US + int(step) for step in wanted)
    assert numbers == list(range(1, len(times) + 1))


def test_bodies_and_tables_follow():
    """Raw bytes, elements and EAPOL still belong to their frames."""
    one, other = Air(), Air(now_us=START_US + 500)
    one.send(beacon(ssid=b"one"))
    one.send(data(eapol_key(0x008A), from_ap=True), after_us=1000)
    other.send(beacon(ssid=b"other"))
    [first, *rest] = list(joined([iter(one.frames()), iter(other.frames())]))
    frames = [first, *rest]
    names = [
        block.element_sets[number].ssid
        for block in frames
        for number in block.elements.tolist()
        if number >= 0
    ]

    assert names == [b"one", b"other"]
    [(block, row)] = [(b, r) for b in frames for r in b.eapol.row.tolist()]
    assert block.body(row) == eapol_key(0x008A)


def test_nothing_joined_is_nothing():
    """No stream, no frames."""
    assert list(joined([])) == []


@pytest.mark.parametrize("block_frames", [1, 2, 3])
def test_equal_times_keep_the_order_of_the_streams(block_frames):
    """However the streams are cut into blocks."""
    streams = [stream([0, 0, 0], AP + rank, block_frames) for rank in range(3)]
    blocks = list(joined(streams))
    senders = [one for block in blocks for one in block.transmitter.tolist()]

    assert senders == [AP] * 3 + [AP + 1] * 3 + [AP + 2] * 3


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 2), max_size=8), max_size=4))
def test_blocks_change_nothing(steps):
    """The order of frames does not depend on the size of blocks."""

    def senders(block_frames: int) -> list[int]:
        streams = [
            stream(one, AP + rank, block_frames) for rank, one in enumerate(steps)
        ]
        return [one for block in joined(streams) for one in block.transmitter.tolist()]

    assert senders(1) == senders(3) == senders(4096)


def test_streams_that_do_not_overlap_follow_each_other():
    """Whichever is named first."""
    late, early = stream([900, 1], AP, 4), stream([0, 1], AP + 1, 4)
    blocks = list(joined([late, early]))
    senders = [one for block in blocks for one in block.transmitter.tolist()]

    assert senders == [AP + 1, AP + 1, AP, AP]
