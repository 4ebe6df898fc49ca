"""Sliding counts, against a slow reference."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel_netlab.core.frames import RETRY, Frames
from sentinel_netlab.detect.windows import Limit, RateWindow

EVENTS = st.lists(
    st.tuples(
        st.integers(0, 1_500_000),  # step in µs
        st.integers(0, 2),  # key
        st.integers(0, 4),  # value
    ),
    min_size=1,
    max_size=60,
)
LIMITS = (Limit(1.0, 2), Limit(3.0, 2, distinct=True))


def block(
    times_us: list[int], first: int, *, retry: bool = False, sequence: int | None = None
) -> Frames:
    """Frames with these times and nothing else of interest."""
    columns = Frames.blank_columns(len(times_us))
    columns["ts_us"][:] = times_us
    columns["elapsed_us"][:] = times_us
    columns["number"][:] = np.arange(first, first + len(times_us))
    columns["sequence"][:] = columns["number"] & 4095 if sequence is None else sequence
    columns["flags"][:] = RETRY if retry else 0
    return Frames(**columns, raw=np.zeros(64, np.uint8))


def expected(events: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """Frames and distinct values in the windows that end at each event, slowly."""
    found = []
    for index, (now, key, _) in enumerate(events):
        counts = []
        for limit in LIMITS:
            inside = [
                value
                for time, other, value in events[: index + 1]
                if other == key and time > now - limit.window_s * 1e6
            ]
            counts.append(len(set(inside)) if limit.distinct else len(inside))
        found.append((counts[0], counts[1]))
    return found


def measured(
    events: list[tuple[int, int, int]], cuts: list[int]
) -> dict[int, tuple[int, int, bool]]:
    """What `RateWindow` says of each event, by its number."""
    window = RateWindow(LIMITS, quiet_s=1000, drop_retries=False)
    found: dict[int, tuple[int, int, bool]] = {}
    edges = sorted({0, *[cut for cut in cuts if cut < len(events)], len(events)})
    for low, high in pairwise(edges):
        part = events[low:high]
        frames = block([time for time, _, _ in part], low)
        keys = (np.array([key for _, key, _ in part]),)
        values = np.array([value for _, _, value in part])
        for run in window.push(frames, np.arange(len(part)), keys, values):
            for place, row in enumerate(run.rows.tolist()):
                counts = (int(run.counts[0][place]), int(run.counts[1][place]))
                found[low + row] = (*counts, bool(run.enough[place]))
    return found


@settings(max_examples=150, deadline=None)
@given(EVENTS, st.lists(st.integers(1, 60), max_size=6))
def test_counts_equal_the_slow_reference(steps, cuts):
    """Whatever the cut, counts and verdicts are those of the definition."""
    times = np.cumsum([step for step, _, _ in steps]).tolist()
    events = [
        (time, key, value) for time, (_, key, value) in zip(times, steps, strict=True)
    ]
    found = measured(events, cuts)

    for index, (frames, values) in enumerate(expected(events)):
        enough = frames > 2 or values > 2
        if enough:
            assert found[index] == (frames, values, True)
        elif index in found:
            assert found[index] == (frames, values, False)


def counts_of(frames: Frames, window: RateWindow) -> list[int]:
    rows = np.arange(len(frames))
    runs = list(window.push(frames, rows, (np.zeros(len(frames)),)))
    return runs[0].counts[0].tolist() if runs else []


def test_repetitions_count_once():
    """A Retry of the same sequence number is the same frame."""
    window = RateWindow([Limit(1.0, 0)], quiet_s=1)
    first = block([0], 1, sequence=7)
    again = block([10, 20, 30], 2, retry=True, sequence=7)

    assert counts_of(first, window) == [1]
    assert counts_of(again, window) == []


def test_retry_of_a_lost_frame_counts():
    """The first that is heard counts, Retry or not."""
    window = RateWindow([Limit(1.0, 0)], quiet_s=1)

    assert counts_of(block([0], 1, retry=True, sequence=9), window) == [1]


def test_every_limit_may_be_demanded():
    """With *every* one exceeded limit does not suffice."""
    window = RateWindow(
        [Limit(1.0, 1), Limit(1.0, 5, distinct=True)], quiet_s=1, every=True
    )
    frames = block([0, 1, 2], 1)
    runs = list(
        window.push(frames, np.arange(3), (np.zeros(3),), values=np.array([1, 1, 1]))
    )

    assert not any(run.enough.any() for run in runs)


@pytest.mark.parametrize("years", [0, 60])
def test_wide_gaps_do_not_overflow(years):
    """A capture that jumps by decades is counted like any other."""
    jump = years * 365 * 86_400 * 1_000_000
    window = RateWindow([Limit(1.0, 1)], quiet_s=1)
    frames = block([0, 1, jump + 10_000_000, jump + 10_000_001], 1)
    [run] = window.push(frames, np.arange(4), (np.zeros(4),))

    assert run.counts[0].tolist() == [1, 2, 1, 2]
