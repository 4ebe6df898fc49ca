"""What the floods of deauthentications and disassociations share."""

from __future__ import annotations

import pytest
from tests.support.air import AP, BROADCAST, STATION, Air, deauth
from tests.support.rules import alerts_of

from sentinel_netlab.core.kinds import DEAUTH, DISASSOC
from sentinel_netlab.detect.rules.deauth_flood import DeauthFlood
from sentinel_netlab.detect.rules.disassoc_flood import DisassocFlood

OTHER_AP = 0x02_00_00_00_00_02
RETRY = 0x08
BOTH = pytest.mark.parametrize(
    ("rule", "kind"), [(DeauthFlood, DEAUTH), (DisassocFlood, DISASSOC)]
)


def goodbyes(there: Air, count: int, kind: int, *, every_us: int = 50_000, **more):
    for number in range(count):
        there.send(deauth(kind=kind, sequence=number, **more), after_us=every_us)
    return there


@BOTH
def test_ten_in_a_second_raise_nothing(rule, kind):
    """The threshold is exclusive."""
    assert alerts_of(rule, goodbyes(Air(), 10, kind)) == []


@BOTH
def test_the_eleventh_raises_one_alert(rule, kind):
    """It holds the frames from the first on and what was measured."""
    [alert] = alerts_of(rule, goodbyes(Air(), 11, kind))

    assert alert.code == rule.code
    assert alert.count == 11
    assert alert.evidence["peak_frames"] == 11
    assert alert.evidence["threshold_frames"] == 10
    assert alert.frames == tuple(range(1, 12))
    assert alert.raised_us == alert.last_seen_us


@BOTH
def test_slow_flood_is_found_in_the_long_window(rule, kind):
    """Thirty in ten seconds, never ten in one."""
    assert alerts_of(rule, goodbyes(Air(), 29, kind, every_us=300_000)) == []

    [alert] = alerts_of(rule, goodbyes(Air(), 30, kind, every_us=300_000))

    assert alert.evidence["peak_long_frames"] == 30
    assert alert.evidence["peak_frames"] < 10
    assert "in 10 s" in alert.summary


@BOTH
def test_group_address_is_no_station(rule, kind):
    """Broadcast: the station is null, the summary says all stations."""
    [alert] = alerts_of(rule, goodbyes(Air(), 11, kind, to=BROADCAST))

    assert alert.subject.station is None
    assert alert.subject.bssid == AP
    assert "all stations" in alert.summary


@BOTH
def test_station_is_who_is_not_the_access_point(rule, kind):
    """In both directions."""
    down = goodbyes(Air(), 11, kind, to=STATION)
    up = goodbyes(Air(), 11, kind, to=AP, transmitter=STATION)

    assert alerts_of(rule, down)[0].subject.station == STATION
    assert alerts_of(rule, up)[0].subject.station == STATION


@BOTH
def test_retransmissions_count_once(rule, kind):
    """A Retry of the same sequence number is the same frame."""
    there = Air()
    for number in range(10):
        first = deauth(kind=kind, sequence=number)
        there.send(first, after_us=10_000)
        there.send(bytes((first[0], first[1] | RETRY)) + first[2:], after_us=1_000)

    assert alerts_of(rule, there) == []


@BOTH
def test_many_receivers_are_no_flood(rule, kind):
    """An access point that shuts down says goodbye to each station."""
    there = Air()
    for number in range(60):
        there.send(deauth(to=STATION + number, kind=kind), after_us=10_000)

    assert alerts_of(rule, there) == []


@BOTH
def test_two_networks_are_two_alerts(rule, kind):
    """An attack on one never hides the same attack on the other."""
    there = Air()
    for number in range(20):
        there.send(deauth(kind=kind, sequence=number), after_us=10_000)
        twin = deauth(kind=kind, transmitter=OTHER_AP, bssid=OTHER_AP, sequence=number)
        there.send(twin, after_us=10_000)

    found = alerts_of(rule, there)

    assert sorted(alert.subject.bssid for alert in found) == [AP, OTHER_AP]
    assert [alert.count for alert in found] == [20, 20]


@BOTH
def test_after_quiet_a_second_alert_opens(rule, kind):
    """Another attack has another id."""
    there = goodbyes(Air(), 20, kind)
    there.now_us += 40_000_000
    first, second = alerts_of(rule, goodbyes(there, 20, kind))

    assert first.id != second.id
    assert (first.count, second.count) == (20, 20)


@BOTH
def test_parameters_are_used(rule, kind):
    """A lower threshold fires earlier."""
    [alert] = alerts_of(rule, goodbyes(Air(), 3, kind), threshold_frames=2)

    assert alert.count == 3


@BOTH
def test_blocks_do_not_matter(rule, kind):
    """One frame per block gives the same alerts."""
    there = goodbyes(Air(), 40, kind)
    there.now_us += 40_000_000
    goodbyes(there, 12, kind, to=STATION)

    assert len(alerts_of(rule, there)) == 2
    assert alerts_of(rule, there, block_frames=1) == alerts_of(rule, there)
