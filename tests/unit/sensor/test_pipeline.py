"""The way of frames on a sensor."""

from __future__ import annotations

import pytest
from tests.meta.test_sizes import ROOT
from tests.support.air import Air, beacon, deauth, radiotap

from sentinel_netlab.core.kinds import BEACON, DEAUTH
from sentinel_netlab.decode.block import BlockDecoder
from sentinel_netlab.detect import BUILTIN
from sentinel_netlab.detect.rules.deauth_flood import DeauthFlood
from sentinel_netlab.sensor.capture.reader import CaptureReader
from sentinel_netlab.sensor.pipeline import Pipeline

SCENARIOS = ROOT / "tests/scenarios"


def packets_blocks(path, block_frames: int) -> list:
    """The packets of a capture."""
    with CaptureReader(str(path), block_frames=block_frames) as reader:
        return list(reader.blocks())


BAD_FCS = 0x50  # radiotap flags: FCS at end, and it was wrong


def flood(flags: int) -> list:
    """A beacon, and a flood whose frames have these radiotap *flags*."""
    air = Air()
    air.send(beacon())
    for number in range(20):
        packet = radiotap(flags=flags) + deauth(sequence=number) + bytes(4)
        air.packets.append((air.now_us + number, packet))
    return air.frames()


def test_counts_are_kept():
    """How many frames of what kind, and when."""
    pipeline = Pipeline([])
    for frames in flood(0x10):
        pipeline.feed(frames)

    assert pipeline.counts.frames == 21
    assert pipeline.counts.by_kind == {BEACON: 1, DEAUTH: 20}
    assert pipeline.counts.last_us - pipeline.counts.first_us == 19


def test_bad_fcs_is_kept_out():
    """Frames whose check failed are counted and not believed."""
    pipeline = Pipeline([DeauthFlood()])
    changes = [pipeline.feed(frames) for frames in flood(BAD_FCS)]

    assert pipeline.counts.bad_fcs == 20
    assert [change.alerts for change in changes] == [[]]


def test_bad_fcs_can_be_kept():
    """Unless the user asks for them."""
    pipeline = Pipeline([DeauthFlood()], keep_bad_fcs=True)
    [changes] = [pipeline.feed(frames) for frames in flood(BAD_FCS)]

    assert [alert.count for alert in changes.alerts] == [20]


def test_finish_closes_everything():
    """At the end no alert is left open and every window is told."""
    pipeline = Pipeline([DeauthFlood()])
    for frames in flood(0x10):
        pipeline.feed(frames)
    changes = pipeline.finish()

    assert [alert.closed for alert in changes.alerts] == [True]
    assert sum(one.frames for one in changes.observations) == 21


def test_parts_can_be_left_out():
    """Who needs no inventory or observations does not pay for them."""
    pipeline = Pipeline([], inventory=False, observations=False)
    changes = [pipeline.feed(frames) for frames in flood(0x10)]

    assert pipeline.inventory is None
    assert [change.observations for change in changes] == [[]]
    assert pipeline.finish().observations == []


def test_silence_ends_what_is_over():
    """Time that passes without a frame closes alerts and windows."""
    pipeline = Pipeline([DeauthFlood()])
    frames = flood(0x10)
    for block in frames:
        pipeline.feed(block)
    last_us = int(frames[-1].elapsed_us[-1])

    soon = pipeline.advance(last_us + 1_000_000)
    later = pipeline.advance(last_us + 600_000_000)

    assert [one.closed for one in soon.alerts] == []
    assert [one.closed for one in later.alerts] == [True]
    assert [one.frames for one in later.observations] == [21]
    assert pipeline.finish().alerts == []


@pytest.mark.parametrize("name", ["deauth_flood/one_station", "karma/airbase"])
def test_ticks_between_blocks_change_nothing(name):
    """Time told while nothing is heard gives the same alerts and observations."""
    results = []
    for ticks in (False, True):
        pipeline, decoder = Pipeline([one() for one in BUILTIN]), BlockDecoder()
        alerts, observations = {}, []
        for packets in packets_blocks(SCENARIOS / name / "capture.pcap.gz", 16):
            changes = [pipeline.feed(decoder.decode(packets))]
            if ticks:
                elapsed_us = decoder.advance(int(packets.ts_us[-1]))
                changes.append(pipeline.advance(elapsed_us))
            for change in changes:
                alerts |= {one.id: one for one in change.alerts}
                observations += change.observations
        end = pipeline.finish()
        alerts |= {one.id: one for one in end.alerts}
        results.append((alerts, [*observations, *end.observations]))

    assert results[0] == results[1]
