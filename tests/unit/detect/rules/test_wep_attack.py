"""Replayed and fragmented WEP frames are told, ordinary WEP traffic is not."""

from __future__ import annotations

import pytest
from tests.support.air import AP, BROADCAST, STATION, Air, frame
from tests.support.run import run

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import PROTECTED, RETRY
from sentinel_netlab.core.kinds import DATA
from sentinel_netlab.detect.rules.wep_attack import WepAttack, WepParams

TO_AP, FROM_AP = 1, 2
SECOND_US = 1_000_000


def wep(
    iv: int,
    *,
    station: int = STATION,
    to: int = AP + 99,
    key_id: int = 0,
    size_bytes: int = 60,
    flags: int = TO_AP,
) -> bytes:
    """A data frame to *to* with IV and key id (12.3.2.2)."""
    body = iv.to_bytes(3, "big") + bytes([key_id << 6]) + bytes(size_bytes - 4)
    by_ap = bool(flags & FROM_AP)
    return frame(
        DATA,
        body,
        receiver=to if by_ap else AP,
        transmitter=AP if by_ap else station,
        third=station if by_ap else to,
        flags=flags | PROTECTED,
    )


def air_of(packets: list[bytes], gap_us: int = 1000, air: Air | None = None) -> Air:
    air = Air() if air is None else air
    for packet in packets:
        air.send(packet, after_us=gap_us)
    return air


def told(air: Air, params: WepParams | None = None, block_frames: int = 4096) -> list:
    return run(air.frames(block_frames), [WepAttack(params)]).alerts


def arp_requests(count: int, station: int = STATION) -> list[bytes]:
    """Small broadcasts, each with an IV of its own."""
    return [wep(n, station=station, to=BROADCAST) for n in range(count)]


def test_ten_reused_ivs_are_not_enough():
    """The threshold is exclusive; the first use is no reuse."""
    assert told(air_of([wep(7)] * 11)) == []


def test_eleventh_reused_iv_raises_the_alert():
    """Code, count, key and what was measured."""
    [alert] = told(air_of([wep(7)] * 12))

    assert (alert.code, alert.count) == ("WD305", 11)
    assert alert.severity is Severity.HIGH
    assert alert.key == "bssid=02:00:00:00:00:01,transmitter=02:00:00:00:00:0a"
    subject = alert.subject
    assert (subject.bssid, subject.station, subject.transmitter) == (
        AP,
        STATION,
        STATION,
    )
    assert alert.evidence == {
        "window_s": 10.0,
        "threshold_reused": 10,
        "threshold_small": 25,
        "peak_reused": 11,
        "peak_small": 0,
    }
    assert alert.frames == tuple(range(2, 13))
    assert "replays frames (11 with used IVs" in alert.summary


def test_different_ivs_reused_count_together():
    """Eleven frames that are sent a second time, each with an IV of its own."""
    [alert] = told(air_of([wep(n) for n in range(11)] * 2))

    assert alert.count == 11


def test_twenty_five_small_broadcasts_in_a_second_are_not_enough():
    """The threshold is exclusive."""
    assert told(air_of(arp_requests(25))) == []


def test_twenty_sixth_small_broadcast_raises_the_alert():
    """ARP replay by a tool that takes new IVs."""
    [alert] = told(air_of(arp_requests(26)))

    assert (alert.code, alert.count) == ("WD305", 26)
    assert (alert.evidence["peak_reused"], alert.evidence["peak_small"]) == (0, 26)
    assert "injects small broadcasts (26 in 1 s)" in alert.summary


def test_slow_broadcasts_are_not_told():
    """25 in any second, for 8 s; a window of one second holds no more."""
    assert told(air_of(arp_requests(200), gap_us=40_000)) == []


@pytest.mark.parametrize(
    ("packets", "gap_us"),
    [
        ([wep(n) for n in range(300)], 1000),
        ([wep(n, to=BROADCAST, size_bytes=101) for n in range(300)], 1000),
        ([wep(n, to=BROADCAST, flags=FROM_AP) for n in range(300)], 1000),
        ([wep(7, flags=TO_AP | RETRY)] * 300, 1000),
        ([wep(n // 4, key_id=n % 4) for n in range(300)], 1000),
        ([wep(7)] * 30, 10 * SECOND_US + 1),
        ([wep(7)] * 30, SECOND_US),
    ],
    ids=[
        "new IVs",
        "large broadcasts",
        "relayed by the access point",
        "retransmissions",
        "four keys",
        "long ago",
        "seldom",
    ],
)
def test_ordinary_traffic_is_not_told(packets, gap_us):
    """IVs come again in time, and broadcasts are sent, without an attack."""
    assert told(air_of(packets, gap_us)) == []


@pytest.mark.parametrize(
    "header",
    [bytes.fromhex("0100002000000000"), bytes.fromhex("0021012000000000")],
    ids=["ccmp", "tkip"],
)
def test_other_ciphers_are_not_told(header):
    """Replayed CCMP and TKIP frames are no attack on WEP."""
    packet = frame(
        DATA, header + bytes(50), receiver=AP, transmitter=STATION, flags=0x41
    )

    assert told(air_of([packet] * 50)) == []


def test_access_point_as_transmitter_is_no_station():
    """Frames forged in the name of the access point name no station."""
    [alert] = told(air_of([wep(7, flags=FROM_AP)] * 12))

    assert (alert.subject.station, alert.subject.transmitter) == (None, AP)
    assert alert.key == "bssid=02:00:00:00:00:01,transmitter=02:00:00:00:00:01"


def test_alert_goes_on_with_the_attack():
    """A minute of replay is one alert."""
    [alert] = told(air_of([wep(7)] * 121, gap_us=SECOND_US // 2))

    assert alert.count == 120
    assert alert.last_seen_us - alert.first_seen_us == 119 * SECOND_US // 2
    assert alert.evidence["peak_reused"] == 20


def test_second_attack_is_a_second_alert():
    """After the quiet time, with another id and frames of its own."""
    air = air_of([wep(7)] * 12)
    air.now_us += 31 * SECOND_US
    one, other = told(air_of([wep(7)] * 12, air=air))

    assert one.id != other.id
    assert (one.count, other.count) == (11, 11)
    assert other.frames == tuple(range(14, 25))


def test_frames_of_one_alert_do_not_raise_another():
    """While a long window remembers an alert's frames, the alert stays open."""
    air = air_of([wep(7)] * 12)
    air.send(wep(7), after_us=45 * SECOND_US)
    [alert] = told(air, WepParams(window_s=600))

    assert alert.count == 12
    assert alert.raised_us == alert.first_seen_us + 10_000


def test_two_attackers_are_two_alerts():
    """Transmitters are kept apart, also below the threshold."""
    both = [wep(7), wep(7, station=STATION + 1)]

    assert told(air_of(both * 11)) == []
    alerts = told(air_of(both * 12))
    assert [alert.subject.station for alert in alerts] == [STATION, STATION + 1]


def test_thresholds_can_be_set():
    """Lower ones fire earlier."""
    reused = told(air_of([wep(7)] * 4), WepParams(threshold_reused=2))
    small = told(air_of(arp_requests(5)), WepParams(threshold_small=4))

    assert [alert.evidence["peak_reused"] for alert in reused] == [3]
    assert [alert.evidence["peak_small"] for alert in small] == [5]


def test_longer_window_remembers_ivs():
    """One replay a second is enough in 20 s."""
    air = air_of([wep(7)] * 15, SECOND_US)

    assert told(air) == []
    assert len(told(air, WepParams(window_s=20))) == 1


def test_blocks_do_not_matter():
    """Frame by frame the same alerts come out."""
    air = air_of([wep(7)] * 20 + arp_requests(40, STATION + 1))
    air.now_us += 40 * SECOND_US
    air = air_of([*arp_requests(30), *[wep(7)] * 20], air=air)
    whole = told(air)

    assert whole == told(air, block_frames=1)
    assert len(whole) == 3
