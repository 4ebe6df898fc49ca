"""A capture file as a source."""

from __future__ import annotations

import pytest
from tests.support.air import Air, deauth

from sentinel_netlab.sensor.capture.reader import CaptureError
from sentinel_netlab.sensor.recorded import Recorded
from sentinel_netlab.sensor.replay import Speed


def source(path, said: list[str], **options) -> Recorded:
    """A source that is as fast as it can be."""
    plain = {"speed": Speed(None), "loop": False, "start_us": None}
    return Recorded(
        str(path), monotonic=lambda: 0.0, say=said.append, **(plain | options)
    )


@pytest.fixture
def capture(tmp_path):
    """Ten frames."""
    air = Air()
    for number in range(10):
        air.send(deauth(sequence=number))
    path = tmp_path / "ten.pcap"
    path.write_bytes(air.pcap())
    return path


def test_all_packets_are_given(capture):
    """With the time of the last of each block; then it has ended."""
    items: list = []
    recorded = source(capture, [])
    recorded.run(items.append)

    assert sum(len(packets) for _, packets in items) == 10
    assert items[-1][0] == int(items[-1][1].ts_us[-1])
    assert (recorded.state, recorded.dropped) == ("ended", 0)


def test_damage_is_said(capture):
    """What can be read is given, and people hear of the rest."""
    capture.write_bytes(capture.read_bytes()[:-3])
    items: list = []
    said: list[str] = []
    source(capture, said).run(items.append)

    assert sum(len(packets) for _, packets in items) == 9
    assert "the file ends inside a record" in said[0]


def test_stop_ends_a_loop(capture):
    """Also one that would go on for ever."""
    recorded = source(capture, [], loop=True)
    given: list = []

    def take(item) -> None:
        given.append(item)
        if len(given) == 30:
            recorded.stop()

    recorded.run(take)

    assert len(given) == 30


def test_no_capture_is_an_error(tmp_path):
    """The agent does not run on nothing."""
    path = tmp_path / "x"
    path.write_bytes(b"no capture at all")

    with pytest.raises(CaptureError, match="not a pcap"):
        source(path, []).run(lambda _: None)
