"""From packets to the spool."""

from __future__ import annotations

import pytest
from tests.support.air import Air, beacon, deauth
from tests.support.run import packets_in
from tests.unit.sensor.test_batcher import kept
from tests.unit.sensor.test_spool import MOST

from sentinel_netlab.core.wire import Health
from sentinel_netlab.detect.rules.deauth_flood import DeauthFlood
from sentinel_netlab.sensor.batcher import Batcher
from sentinel_netlab.sensor.evidence import FrameRing
from sentinel_netlab.sensor.processor import Processor, Sinks
from sentinel_netlab.sensor.spool import Spool


class Station:
    """A processor with a spool of its own."""

    def __init__(self, folder) -> None:
        self.spool = Spool(folder / "spool.db", most_bytes=MOST)
        self.woken = 0
        batcher = Batcher(self.spool, "roof", lambda: 5, Health)
        sinks = Sinks(self.spool, batcher, FrameRing(), self.wake)
        self.processor = Processor("roof", [DeauthFlood()], sinks, lambda: 5)

    def wake(self) -> None:
        self.woken += 1

    def alerts(self):
        """What was said of alerts, in order."""
        return [one for batch in kept(self.spool, "alerts") for one in batch.alerts]


@pytest.fixture
def station(tmp_path):
    """A processor that looks for floods of deauthentications."""
    made = Station(tmp_path)
    yield made
    made.spool.close()


def flood():
    """A beacon and 64 forged goodbyes."""
    air = Air()
    air.send(beacon())
    for number in range(64):
        air.send(deauth(sequence=number), after_us=10_000)
    [packets] = packets_in(air.pcap())
    return packets


def test_attack_is_in_the_spool(station):
    """An alert, the frames that prove it, and whoever sends them is woken."""
    station.processor.take(flood())

    assert [one.code for one in station.alerts()] == ["WD101"]
    evidence = station.spool.first("evidence")
    assert evidence.body[:4] == b"\n\r\r\n"
    assert station.woken == 1
    assert station.processor.heard.frames == 65


def test_silence_closes(station):
    """What is over is told, and so is the window that ended."""
    packets = flood()
    station.processor.take(packets)
    station.processor.silent(int(packets.ts_us[-1]) + 600_000_000)

    assert [one.closed for one in station.alerts()] == [False, True]
    [batch] = kept(station.spool, "observations")
    assert [one.frames for one in batch.observations] == [65]


def test_other_detectors_begin_with_the_next_packets(station):
    """Open alerts close, and frames are counted on."""
    station.processor.take(flood())
    station.processor.configure([])
    station.processor.take(flood())

    assert [one.closed for one in station.alerts()] == [False, True]
    assert station.processor.heard.frames == 130


def test_end_of_the_stream_closes(station):
    """A replay that is over leaves nothing open."""
    station.processor.take(flood())
    station.processor.finish()

    assert station.alerts()[-1].closed
    assert len(kept(station.spool, "observations")) == 1


def test_channels_that_matter_are_favoured(station):
    """Those of open alerts, and of own networks once their window ended."""
    packets = flood()
    assert station.processor.favoured == set()
    station.processor.take(packets)

    assert station.processor.favoured == {2437}
    station.processor.silent(int(packets.ts_us[-1]) + 600_000_000)
    assert station.processor.favoured == set()
    station.processor.configure([], [b"net"])
    station.processor.take(packets)
    station.processor.silent(int(packets.ts_us[-1]) + 1_200_000_000)
    assert station.processor.favoured == {2437}
