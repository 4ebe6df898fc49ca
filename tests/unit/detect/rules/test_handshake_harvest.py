"""WD302: handshake harvest after forced disconnection."""

from __future__ import annotations

import pytest
from tests.support.air import (
    AP,
    BROADCAST,
    STATION,
    Air,
    beacon,
    data,
    deauth,
    eapol_key,
)
from tests.support.run import run

from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.core.kinds import DEAUTH, DISASSOC
from sentinel_netlab.detect.rules.handshake_harvest import (
    HandshakeHarvest,
    HarvestParams,
)

OTHER_STATION = 0x02_00_00_00_00_0B
OTHER_AP = 0x02_00_00_00_00_02
M1, M2, M3, M4 = 0x008A, 0x010A, 0x13CA, 0x030A  # IEEE Std 802.11-2020, 12.7.6
BEACON_US = 102_400
RETRY = 0x08


def alerts(there: Air, block_frames: int = 4096, **params: float) -> list[Alert]:
    rule = HandshakeHarvest(HarvestParams(**params))
    return run(there.frames(block_frames), [rule]).alerts


def goodbyes(
    there: Air,
    count: int,
    to: int = STATION,
    *,
    bssid: int = AP,
    kind: int = DEAUTH,
    gap_us: int = 10_000,
) -> Air:
    for number in range(count):
        packet = deauth(to, transmitter=bssid, bssid=bssid, kind=kind, sequence=number)
        there.send(packet, after_us=gap_us)
    return there


def handshake(
    there: Air, station: int = STATION, bssid: int = AP, after_us: int = 1_000_000
) -> Air:
    there.now_us += after_us
    for info in (M1, M2, M3, M4):
        body = eapol_key(info, extra=b"\x30\x00" if info in (M2, M3) else b"")
        from_ap = info in (M1, M3)
        packet = data(body, station=station, bssid=bssid, from_ap=from_ap)
        there.send(packet, after_us=2_000)
    return there


def beacons(there: Air, count: int, bssid: int = AP) -> Air:
    for _ in range(count):
        there.send(beacon(bssid), after_us=BEACON_US)
    return there


def test_four_goodbyes_are_no_burst():
    """Below the burst a handshake is a station that comes back."""
    assert alerts(handshake(goodbyes(Air(), 4))) == []


def test_five_goodbyes_and_a_handshake_raise_one_alert():
    """The alert holds the burst's ends and the key messages from M2 on."""
    [alert] = alerts(handshake(goodbyes(Air(), 5)))

    assert (alert.code, alert.count) == ("WD302", 5)
    assert (alert.subject.bssid, alert.subject.station) == (AP, STATION)
    assert alert.key == "bssid=02:00:00:00:00:01,station=02:00:00:00:00:0a"
    assert alert.evidence["peak_burst_frames"] == 5
    assert alert.evidence["burst_frames"] == 5
    assert alert.evidence["peak_forged"] == 0
    assert alert.frames == (1, 5, 7, 8, 9)  # 6 is M1
    assert "a burst of 5 goodbyes" in alert.summary


@pytest.mark.parametrize("kind", [DEAUTH, DISASSOC])
@pytest.mark.parametrize("to", [STATION, BROADCAST])
def test_every_way_to_throw_a_station_out_counts(kind, to):
    """Deauthentication or disassociation, to the station or to all."""
    assert len(alerts(handshake(goodbyes(Air(), 5, to, kind=kind)))) == 1


def test_goodbyes_in_the_name_of_the_station_count():
    """A tool may pretend to be the station."""
    there = Air()
    for number in range(5):
        packet = deauth(AP, transmitter=STATION, sequence=number)
        there.send(packet, after_us=10_000)

    assert len(alerts(handshake(there))) == 1


def test_a_burst_without_a_handshake_raises_nothing():
    """That is a flood, which other detectors tell."""
    there = goodbyes(Air(), 50)
    there.send(data(eapol_key(M1), from_ap=True), after_us=1_000)

    assert alerts(there) == []


def test_a_handshake_of_another_pair_raises_nothing():
    """The burst must have been against this station at this access point."""
    there = handshake(goodbyes(Air(), 50), OTHER_STATION)

    assert alerts(handshake(there, STATION, OTHER_AP, after_us=0)) == []


def test_a_late_handshake_raises_nothing():
    """After half a minute nobody waits for it."""
    assert alerts(handshake(goodbyes(Air(), 50), after_us=31_000_000)) == []


def test_slow_goodbyes_are_no_burst():
    """Five goodbyes must fall inside two seconds."""
    assert alerts(handshake(goodbyes(Air(), 5, gap_us=600_000))) == []


def test_retransmitted_goodbyes_count_once():
    """A goodbye that is not acknowledged is sent again and again."""
    there = Air()
    packet = deauth(STATION)
    there.send(packet)
    for _ in range(10):
        there.send(bytes((packet[0], packet[1] | RETRY)) + packet[2:], after_us=1_000)

    assert alerts(handshake(there)) == []


def test_a_group_goodbye_between_beacons_is_forged():
    """An access point that goes on beaconing has not said goodbye to all."""
    there = goodbyes(beacons(Air(), 10), 1, BROADCAST)
    [alert] = alerts(beacons(handshake(beacons(there, 3)), 10))

    assert alert.evidence["peak_forged"] == 1
    assert alert.evidence["peak_burst_frames"] == 0
    assert "forged because the access point stayed" in alert.summary
    assert alert.frames[0] == 11


def test_a_restarting_access_point_raises_nothing():
    """It says goodbye, is silent, and its stations come back."""
    there = goodbyes(beacons(Air(), 10), 1, BROADCAST)
    there.now_us += 3_000_000

    assert alerts(beacons(handshake(beacons(there, 10)), 30)) == []


def test_queued_beacons_behind_a_goodbye_prove_nothing():
    """A beacon or two may still leave an access point that stops."""
    there = goodbyes(beacons(Air(), 10), 1, BROADCAST)
    there = beacons(there, 3)
    there.now_us += 3_000_000

    assert alerts(beacons(handshake(beacons(there, 10)), 30)) == []


def test_two_cycles_raise_nothing_three_do():
    """One goodbye and one handshake, again and again, is a patient attacker."""
    there = Air()
    for _ in range(2):
        there = handshake(goodbyes(there, 1, gap_us=10_000_000))
    assert alerts(there) == []

    [alert] = alerts(handshake(goodbyes(there, 1, gap_us=10_000_000)))

    assert alert.evidence["peak_cycles"] == 3
    assert "goodbyes 3 times" in alert.summary


def test_rekeying_is_no_cycle():
    """Handshakes without a goodbye before each are ordinary."""
    there = goodbyes(Air(), 1)
    for _ in range(10):
        there = handshake(there, after_us=5_000_000)

    assert alerts(there) == []


def test_a_station_that_leaves_by_itself_is_no_cycle():
    """Its own goodbyes are no attack, however often it comes back."""
    there = Air()
    for _ in range(10):
        there.send(deauth(AP, transmitter=STATION), after_us=5_000_000)
        there = handshake(there)

    assert alerts(there) == []


def test_an_alert_goes_on_and_a_second_opens_after_quiet():
    """Later handshakes belong to the open alert; after quiet a new one opens."""
    there = handshake(goodbyes(Air(), 5))
    there = handshake(goodbyes(there, 5, gap_us=500_000))
    end_us = there.now_us
    there.now_us += 121_000_000
    first, second = alerts(handshake(goodbyes(there, 5)))

    assert (first.last_seen_us, first.count) == (end_us, 8)
    assert second.count == 5
    assert first.id != second.id


def test_a_second_alert_shares_no_goodbye_with_the_first():
    """Cycles of an alert that closed are no evidence for the next one."""
    there = Air()
    for pause_us in (0, 0, 0, 61_000_000, 121_000_000, 0, 0):
        there.now_us += pause_us
        there = handshake(goodbyes(there, 1), after_us=10_000_000)

    first, second = alerts(there)

    # Four handshakes: three goodbyes and M2 raise it, five key messages follow.
    assert (first.count, second.count) == (9, 6)
    assert first.id != second.id
    assert set(first.frames).isdisjoint(second.frames)


def test_two_stations_are_two_alerts():
    """A burst to all harvests every station that comes back."""
    there = handshake(handshake(goodbyes(Air(), 5, BROADCAST)), OTHER_STATION)

    assert [a.subject.station for a in alerts(there)] == [STATION, OTHER_STATION]


def test_parameters_are_used():
    """Lower thresholds fire earlier, shorter windows later."""
    burst = handshake(goodbyes(Air(), 2))
    cycles = Air()
    for _ in range(3):
        cycles = handshake(goodbyes(cycles, 1, gap_us=10_000_000))

    assert len(alerts(burst, burst_frames=2)) == 1
    assert alerts(burst, burst_frames=2, burst_s=0.01) == []
    assert alerts(burst, burst_frames=2, return_s=1.0) == []
    assert len(alerts(cycles, threshold_cycles=2)) == 1
    assert alerts(cycles, cycles_window_s=20.0) == []


@pytest.mark.parametrize("block_frames", [1, 7])
def test_blocks_do_not_matter(block_frames):
    """Small blocks give the same alerts as a large one."""
    there = goodbyes(beacons(Air(), 10), 1, BROADCAST)
    there = beacons(handshake(beacons(there, 3), OTHER_STATION), 10)
    there = beacons(handshake(goodbyes(there, 9)), 20, OTHER_AP)
    for _ in range(3):
        there = handshake(goodbyes(there, 1, bssid=OTHER_AP), bssid=OTHER_AP)
        there = beacons(there, 50)
    there.now_us += 121_000_000
    there = handshake(goodbyes(there, 6))

    assert len(alerts(there)) == 4
    assert alerts(there, block_frames) == alerts(there)
