"""How the sensor is, put together."""

from __future__ import annotations

import pytest
from tests.unit.sensor.test_spool import MOST, keep

from sentinel_netlab.sensor.host import Host
from sentinel_netlab.sensor.meter import Heard, Meter
from sentinel_netlab.sensor.spool import Spool


class Parts:
    """What the sensor's parts would say."""

    def __init__(self, spool: Spool) -> None:
        self.heard = Heard()
        self.blind = {2412: 1.0}
        self.meter = Meter(
            spool,
            Host(),
            heard=lambda: self.heard,
            blind_s=lambda: self.blind,
            state=lambda: "listening " * 20,
            clock_us=lambda: 3_001_000,
        )


@pytest.fixture
def parts(tmp_path):
    """Parts with a spool that holds one batch, made at 1 ms."""
    spool = Spool(tmp_path / "spool.db", most_bytes=MOST)
    keep(spool, "alerts", "a")
    yield Parts(spool)
    spool.close()


def test_counts_are_those_since_the_last_batch(parts):
    """Each frame is told once; totals never are."""
    parts.heard = Heard(frames=10, dropped=1, bad_fcs=2, malformed=3)
    first = parts.meter.take()
    parts.heard = Heard(frames=15, dropped=1, bad_fcs=2, malformed=4)
    second = parts.meter.take()

    assert (first.frames, first.dropped_frames, first.malformed_frames) == (10, 1, 3)
    assert (second.frames, second.dropped_frames, second.malformed_frames) == (5, 0, 1)


def test_a_look_ends_nothing(parts):
    """A heartbeat may be lost: what it tells is told again with the next batch."""
    parts.heard = Heard(frames=10)

    assert parts.meter.peek().frames == 10
    assert parts.meter.take().frames == 10


def test_blindness_adds_up(parts):
    """Between batches, however often somebody looked."""
    parts.meter.peek()
    parts.meter.peek()

    assert parts.meter.take().blind_s == {"2412": 3.0}
    assert parts.meter.take().blind_s == {"2412": 1.0}


def test_spool_is_told(parts):
    """What waits, and since when; no text is longer than the wire allows."""
    told = parts.meter.peek()

    assert len(told.interface_state) == 64
    assert told.spool_bytes > 0
    assert told.spool_age_s == pytest.approx(3.0)
