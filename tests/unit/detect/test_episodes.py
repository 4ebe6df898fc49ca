"""Alerts open, grow, and close."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.core.alerts import Subject
from sentinel_netlab.detect.episodes import MAX_FRAMES, Episode, Episodes
from sentinel_netlab.detect.sightings import Mark, Step, Stretch, Trail

SUBJECT = Subject(bssid=1)
QUIET_S = 10.0
EVENTS = st.lists(
    st.tuples(st.integers(0, 8_000_000), st.booleans()), min_size=1, max_size=40
)


def mark(time_us: int, number: int) -> Mark:
    return Mark(time_us, time_us, number)


def step(here: Mark, *, enough: bool, peak: int = 0) -> Step:
    return Step(
        key=("k",),
        here=here,
        proof=lambda: [here],
        subject=lambda: SUBJECT,
        facts={"limit": 1},
        peaks={"peak": peak},
        enough=enough,
    )


def summary(episode: Episode) -> tuple:
    return (
        episode.first_seen_us,
        episode.raised_us,
        episode.last_seen_us,
        episode.count,
        tuple(episode.frames),
        tuple(sorted(episode.evidence.items())),
    )


def by_steps(events: list[tuple[int, bool]]) -> list[tuple]:
    episodes, done = Episodes(QUIET_S), []
    for number, (time_us, enough) in enumerate(events):
        closed, _ = episodes.apply(
            step(mark(time_us, number), enough=enough, peak=number)
        )
        done += closed
    return [summary(episode) for episode in done + episodes.close_all()]


def by_stretch(events: list[tuple[int, bool]]) -> list[tuple]:
    marks = [mark(time_us, number) for number, (time_us, _) in enumerate(events)]
    stretch = Stretch(
        key=("k",),
        trail=Trail.of(marks),
        begin=np.arange(len(events)),
        enough=np.array([enough for _, enough in events]),
        subject=lambda _: SUBJECT,
        facts={"limit": 1},
        peaks={"peak": np.arange(len(events))},
    )
    episodes = Episodes(QUIET_S)
    closed, _ = episodes.apply(stretch)
    return [summary(episode) for episode in closed + episodes.close_all()]


@given(EVENTS)
def test_columns_and_single_frames_agree(steps):
    """A stretch of frames makes the alerts that the frames make one by one."""
    times = np.cumsum([gap for gap, _ in steps]).tolist()
    events = [(time, enough) for time, (_, enough) in zip(times, steps, strict=True)]

    assert by_stretch(events) == by_steps(events)


def test_nothing_opens_without_sufficient_evidence():
    """Frames that do not suffice are no alert."""
    assert by_steps([(0, False), (1, False)]) == []


def test_frames_after_the_onset_are_counted():
    """An open alert takes in frames of its key, sufficient or not."""
    [(_, _, last, count, frames, _)] = by_steps([(0, True), (5, False), (9, True)])

    assert (last, count, frames) == (9, 3, (0, 1, 2))


def test_quiet_makes_two_alerts():
    """After the quiet time the same key is a new alert."""
    quiet_us = int(QUIET_S * 1e6)

    assert len(by_steps([(0, True), (quiet_us + 1, True)])) == 2
    assert len(by_steps([(0, True), (quiet_us, True)])) == 1


def test_frames_that_do_not_suffice_keep_nothing_open():
    """Only sufficient evidence renews the quiet time."""
    events = [(0, True), *((second * 1_000_000, False) for second in range(1, 30))]

    [(_, _, last, _, _, _)] = by_steps(events)
    assert last == QUIET_S * 1e6


def test_memory_of_frames_is_bounded():
    """A flood of any length remembers its first frames only."""
    [episode] = by_steps([(time, True) for time in range(MAX_FRAMES + 50)])

    assert episode[3] == MAX_FRAMES + 50
    assert len(episode[4]) == MAX_FRAMES


def test_close_quiet_closes_what_is_quiet():
    """Time that passes closes alerts without further frames."""
    episodes = Episodes(QUIET_S)
    episodes.apply(step(mark(0, 1), enough=True))

    assert episodes.close_quiet(5_000_000) == []
    assert len(episodes.close_quiet(10_000_001)) == 1
    assert episodes.close_all() == []


def test_frames_behind_the_time_of_silence_become_quiet_in_time():
    """An alert closes by its own frames, however late it was quiet before."""
    episodes = Episodes(QUIET_S)
    episodes.apply(step(mark(0, 1), enough=True))
    episodes.close_quiet(30_000_000)
    episodes.apply(step(mark(15_000_000, 2), enough=True))

    assert episodes.close_quiet(25_000_000) == []
    assert len(episodes.close_quiet(25_000_001)) == 1
