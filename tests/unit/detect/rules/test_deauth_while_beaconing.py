"""WD103: goodbyes to all in the name of an access point that stays."""

from __future__ import annotations

import pytest
from tests.support.air import AP, STATION, Air, beacon, deauth
from tests.support.rules import alerts_of

from sentinel_netlab.core.kinds import DISASSOC
from sentinel_netlab.detect.rules.deauth_while_beaconing import DeauthWhileBeaconing

OTHER_AP = 0x02_00_00_00_00_02
BEACON_US = 102_400


def beacons(there: Air, count: int, *, bssid: int = AP, tsf_from_us: int = 0) -> Air:
    """Beacons whose TSF is the capture's time, or begins anew at *tsf_from_us*."""
    for _ in range(count):
        there.now_us += BEACON_US
        frame = beacon(bssid=bssid, tsf_us=there.now_us - tsf_from_us)
        there.send(frame)
    return there


def goodbyes(there: Air, count: int, *, bssid: int = AP, **more) -> Air:
    for number in range(count):
        frame = deauth(transmitter=bssid, bssid=bssid, sequence=number, **more)
        there.send(frame, after_us=10_000)
    return there


def attacked(count: int) -> Air:
    return beacons(goodbyes(beacons(Air(), 10), count), 12)


def test_four_goodbyes_raise_nothing():
    """A quick change of configuration."""
    assert alerts_of(DeauthWhileBeaconing, attacked(4)) == []


def test_the_fifth_raises_one_alert():
    """A beacon 0.3 s after the first goodbye gives them the lie."""
    [alert] = alerts_of(DeauthWhileBeaconing, attacked(5))

    assert (alert.code, alert.subject.bssid) == ("WD103", AP)
    assert alert.subject.station is None
    assert alert.evidence["peak_goodbyes"] == 5
    assert 300_000 <= alert.raised_us - alert.first_seen_us < 300_000 + BEACON_US


def test_without_a_beacon_nothing_is_said():
    """An access point that stops says goodbye too."""
    assert alerts_of(DeauthWhileBeaconing, goodbyes(beacons(Air(), 10), 50)) == []


def test_restart_is_no_attack():
    """Its TSF begins anew."""
    there = goodbyes(beacons(Air(), 10), 50)
    there.now_us += 5_000_000

    beacons(there, 20, tsf_from_us=there.now_us)

    assert alerts_of(DeauthWhileBeaconing, there) == []


def test_goodbyes_to_single_stations_do_not_count():
    """They are WD101's."""
    there = beacons(goodbyes(beacons(Air(), 10), 50, to=STATION), 5)

    assert alerts_of(DeauthWhileBeaconing, there) == []


def test_disassociations_count_too():
    """Both throw all stations out."""
    there = beacons(goodbyes(beacons(Air(), 10), 6, kind=DISASSOC), 12)

    assert len(alerts_of(DeauthWhileBeaconing, there)) == 1


def test_old_goodbyes_leave_the_window():
    """Five within ten seconds, not within a minute."""
    there = beacons(Air(), 10)
    for _ in range(8):
        beacons(goodbyes(there, 1), 50)

    assert alerts_of(DeauthWhileBeaconing, there) == []


def test_beacons_of_another_network_prove_nothing():
    """Only the named access point's own beacons count."""
    there = goodbyes(beacons(beacons(Air(), 10), 10, bssid=OTHER_AP), 50)

    beacons(there, 20, bssid=OTHER_AP)

    assert alerts_of(DeauthWhileBeaconing, there) == []


def test_an_alert_goes_on_and_another_follows_quiet():
    """One attack is one alert; after the quiet time it is another."""
    there = beacons(Air(), 10)
    for _ in range(10):
        beacons(goodbyes(there, 10), 5)
    beacons(there, 400)
    first, second = alerts_of(DeauthWhileBeaconing, beacons(goodbyes(there, 6), 5))

    assert first.count >= 100
    assert first.id != second.id


def test_two_networks_are_two_alerts():
    """Each has its own."""
    there = beacons(beacons(Air(), 10), 10, bssid=OTHER_AP)
    goodbyes(goodbyes(there, 9), 9, bssid=OTHER_AP)
    beacons(beacons(there, 2), 2, bssid=OTHER_AP)

    found = alerts_of(DeauthWhileBeaconing, there)

    assert sorted(alert.subject.bssid for alert in found) == [AP, OTHER_AP]


def test_parameters_are_used():
    """A lower threshold fires earlier."""
    assert alerts_of(DeauthWhileBeaconing, attacked(2), threshold_frames=2)


@pytest.mark.parametrize("block_frames", [1, 7])
def test_blocks_do_not_matter(block_frames):
    """Small blocks give the same alerts."""
    there = beacons(Air(), 10)
    for _ in range(4):
        beacons(goodbyes(there, 10), 5)

    whole = alerts_of(DeauthWhileBeaconing, there)

    assert len(whole) == 1
    assert alerts_of(DeauthWhileBeaconing, there, block_frames) == whole
