"""Event time that never runs backwards."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.core.clock import ALIGN_US, STEP_BACK_US, EventClock

TIMES = st.lists(st.integers(0, 10**12), min_size=1, max_size=60)


def stamp(times: list[int]) -> list[int]:
    return EventClock().stamp(np.array(times, np.int64)).tolist()


@given(TIMES)
def test_never_decreases(times):
    """Whatever the capture says, elapsed time goes forward."""
    elapsed = stamp(times)

    assert elapsed == sorted(elapsed)


@given(TIMES, st.integers(0, 60))
def test_cut_does_not_matter(times, at):
    """Two calls give what one call gives."""
    clock = EventClock()
    parts = [
        clock.stamp(np.array(part, np.int64)).tolist()
        for part in (times[:at], times[at:])
    ]

    assert parts[0] + parts[1] == stamp(times)


def test_forward_time_is_kept():
    """In an ordinary capture elapsed time is the recorded time."""
    assert stamp([5, 7, 7, 100]) == [5, 7, 7, 100]


def test_slightly_late_frame_gets_newest_time():
    """Frames out of order by milliseconds do not turn time back."""
    assert stamp([1000, 3000, 2000]) == [1000, 3000, 3000]


def test_clock_set_back_shifts_by_whole_windows():
    """After a step back time goes on, and windows of 10 s stay aligned."""
    back = 100 * STEP_BACK_US
    elapsed = stamp([2 * back, back, back + 5])

    assert elapsed[1] >= elapsed[0]
    assert elapsed[2] - elapsed[1] == 5
    assert (elapsed[1] - back) % ALIGN_US == 0


def test_nothing_in_nothing_out():
    """An empty block is allowed."""
    assert stamp([]) == []
