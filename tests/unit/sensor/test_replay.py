"""Captures as if they were heard now, on a clock that is set by hand."""

from __future__ import annotations

from itertools import islice

import pytest
from tests.support.air import START_US, Air, deauth

from sentinel_netlab.sensor.replay import GAP_US, LONGEST_GAP_US, Replay, Speed


class Hand:
    """A clock that goes on only while somebody waits."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.stop_at_s = float("inf")

    def monotonic(self) -> float:
        return self.now_s

    def wait(self, seconds: float) -> bool:
        self.now_s += seconds
        return self.now_s >= self.stop_at_s


@pytest.fixture
def capture(tmp_path):
    """Ten frames, one a second."""
    air = Air()
    for number in range(10):
        air.send(deauth(sequence=number), after_us=1_000_000)
    path = tmp_path / "ten.pcap"
    path.write_bytes(air.pcap())
    return str(path)


def replay(path: str, hand: Hand, speed: str = "1", **options) -> Replay:
    """A replay by *hand*."""
    plain = {"start_us": None, "loop": False}
    return Replay(
        path,
        speed=Speed.parse(speed),
        monotonic=hand.monotonic,
        wait=hand.wait,
        **(plain | options),
    )


@pytest.mark.parametrize(("speed", "took_s"), [("1", 9.0), ("10", 0.9), ("max", 0.0)])
def test_frames_come_when_it_is_their_time(capture, speed, took_s):
    """Nine seconds of frames take so long at that speed."""
    hand = Hand()

    times = [one for block in replay(capture, hand, speed).blocks()
             for one in block.ts_us.tolist()]  # fmt: skip

    assert len(times) == 10
    assert times[-1] - times[0] == 9_000_000
    assert hand.now_s == pytest.approx(took_s)


def test_times_are_shifted_on_request(capture):
    """The first frame is then heard at the time that was asked for."""
    blocks = list(replay(capture, Hand(), "max", start_us=5_000_000).blocks())

    assert int(blocks[0].ts_us[0]) == 5_000_000
    assert int(blocks[-1].ts_us[-1]) == 14_000_000


def test_repetition_goes_on(capture):
    """Times and numbers of a repeated capture are behind those of the first."""
    blocks = list(islice(replay(capture, Hand(), "1", loop=True).blocks(), 25))

    times = [time for block in blocks for time in block.ts_us.tolist()]
    numbers = [number for block in blocks for number in block.number.tolist()]

    assert numbers == list(range(1, 26))
    assert times[10] - times[9] == GAP_US
    assert times == sorted(times)


def test_end_is_heeded(capture):
    """A caller that wants an end waits for no further frame."""
    hand = Hand()
    hand.stop_at_s = 3.0

    assert len(list(replay(capture, hand).blocks())) < 5


def test_gap_of_days_is_not_waited_for(tmp_path):
    """Damaged clocks jump; nobody waits a year."""
    air, hand = Air(), Hand()
    air.send(deauth())
    air.now_us = START_US + 400 * 86_400 * 1_000_000
    air.send(deauth())
    path = tmp_path / "gap.pcap"
    path.write_bytes(air.pcap())

    assert len(list(replay(str(path), hand).blocks())) == 2
    assert hand.now_s == pytest.approx(LONGEST_GAP_US / 1e6)


@pytest.mark.parametrize("text", ["0", "-1", "fast", "", "nan", "inf"])
def test_odd_speed_is_refused(text):
    """With a line that says what a speed is."""
    with pytest.raises(ValueError, match="a speed is"):
        Speed.parse(text)
