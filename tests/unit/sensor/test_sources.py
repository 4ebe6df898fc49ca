"""Sources in threads, one consumer."""

from __future__ import annotations

import threading

import pytest

from sentinel_netlab.sensor.sources import MOST_WAITING, Listeners


class Counting:
    """Gives numbers, as many as it is told or until it is stopped."""

    def __init__(self, name: str, most: int | None = None, fail: bool = False) -> None:
        self.name, self.most, self.fail = name, most, fail
        self.state, self.dropped = "up", 0
        self._stop = threading.Event()

    def run(self, give) -> None:
        number = 0
        while not self._stop.is_set() and number != self.most:
            give((number, None))
            number += 1
        if self.fail:
            raise RuntimeError(self.name)

    def stop(self) -> None:
        self._stop.set()


def run(*sources: Counting, take=None):
    """What was taken, and how it ended."""
    taken, ends = [], []
    listeners = Listeners(sources, take or taken.append, ends.append)
    listeners.start()
    assert listeners.join(20)
    return taken, ends


def test_everything_is_taken_and_the_end_is_told():
    """Also what waits when the last source ends."""
    taken, ends = run(Counting("a", 500), Counting("b", 3 * MOST_WAITING))

    assert len(taken) == 500 + 3 * MOST_WAITING
    assert ends == [None]


@pytest.mark.parametrize("sources", [1, 2])
def test_stop_ends_all(sources):
    """What was given before is taken."""
    counting = [Counting(str(number)) for number in range(sources)]
    taken: list = []
    ends: list = []
    listeners = Listeners(counting, taken.append, ends.append)
    listeners.start()
    while len(taken) < 100:
        pass
    listeners.stop()

    assert listeners.join(20)
    assert ends == [None]


def test_failed_source_ends_the_others():
    """The agent is told why, and can start again as a whole."""
    _, ends = run(Counting("bad", 5, fail=True), Counting("good"))

    assert [str(error) for error in ends] == ["bad"]


def test_failed_consumer_ends_the_sources():
    """So nobody listens for nothing."""

    def fail(_) -> None:
        raise ValueError("no")

    _, ends = run(Counting("a"), take=fail)

    assert [str(error) for error in ends] == ["no"]
