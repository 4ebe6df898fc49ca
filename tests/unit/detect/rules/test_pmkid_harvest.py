"""WD301: PMKID harvest."""

from __future__ import annotations

import pytest
from tests.support.air import (
    AP,
    ESS,
    PRIVACY,
    RATES,
    STATION,
    WPA1_TKIP,
    WPA2_PSK,
    WPA3_SAE,
    Air,
    assoc_response,
    data,
    eapol_key,
    element,
    frame,
)
from tests.support.run import run

from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.core.kinds import ASSOC_REQ, REASSOC_REQ
from sentinel_netlab.detect.rules.pmkid_harvest import PmkidHarvest, PmkidParams

OTHER_STATION = 0x02_00_00_00_00_0B
OTHER_AP = 0x02_00_00_00_00_02
M1, M2, M4 = 0x008A, 0x010A, 0x030A  # IEEE Std 802.11-2020, 12.7.6
FT_PSK = bytes.fromhex("30140100000fac040100000fac040100000fac040000")
EAP = bytes.fromhex("30140100000fac040100000fac040100000fac010000")
OPEN = b""


def alerts(there: Air, block_frames: int = 4096, **params: float) -> list[Alert]:
    rule = PmkidHarvest(PmkidParams(**params))
    return run(there.frames(block_frames), [rule]).alerts


def request(station: int, bssid: int, tail: bytes, kind: int = ASSOC_REQ) -> bytes:
    fixed = (ESS | PRIVACY).to_bytes(2, "little") + b"\x0a\x00"
    fixed += bytes(6) if kind == REASSOC_REQ else b""
    body = fixed + element(0, b"net") + RATES + tail
    return frame(kind, body, receiver=bssid, transmitter=station, third=bssid)


def joins(
    there: Air,
    station: int = STATION,
    bssid: int = AP,
    tail: bytes = WPA2_PSK,
    kind: int = ASSOC_REQ,
) -> Air:
    there.send(request(station, bssid, tail, kind), after_us=1_000_000)
    there.send(assoc_response(station=station, bssid=bssid), after_us=1_000)
    return there


def key_message(
    there: Air,
    info: int,
    *,
    station: int = STATION,
    bssid: int = AP,
    after_us: int = 1_000,
) -> Air:
    body = eapol_key(info, extra=b"\x30\x00" if info == M2 else b"")
    packet = data(body, station=station, bssid=bssid, from_ap=info == M1)
    there.send(packet, after_us=after_us)
    return there


def unanswered(there: Air, count: int, **who: int) -> Air:
    """*count* associations whose M1 comes twice."""
    for _ in range(count):
        there = key_message(joins(there, **who), M1, **who)
        there = key_message(there, M1, after_us=1_000_000, **who)
    return there


def test_two_exchanges_raise_nothing():
    """Below the threshold an M2 may have been missed."""
    assert alerts(unanswered(Air(), 2)) == []


def test_the_third_exchange_raises_one_alert():
    """The alert counts exchanges and is about the station."""
    [alert] = alerts(unanswered(Air(), 3))

    assert (alert.code, alert.count) == ("WD301", 4)
    assert (alert.subject.station, alert.subject.bssid) == (STATION, AP)
    assert alert.key == "station=02:00:00:00:00:0a"
    assert alert.evidence["peak_exchanges"] == 3
    assert alert.evidence["peak_networks"] == 1
    assert alert.evidence["threshold_exchanges"] == 3
    assert alert.frames == (3, 7, 11, 12)


def test_associating_anew_proves_an_exchange_unanswered():
    """The access point need not repeat M1."""
    there = Air()
    for _ in range(3):
        there = key_message(joins(there), M1)
    assert alerts(there) == []

    [alert] = alerts(joins(there))

    assert alert.evidence["peak_exchanges"] == 3


def test_a_quickly_repeated_association_is_one():
    """A second response at once may be a repetition of the first."""
    there = Air()
    for _ in range(10):
        there.send(request(STATION, AP, WPA2_PSK), after_us=10_000)
        there.send(assoc_response(), after_us=1_000)

    assert alerts(there) == []


@pytest.mark.parametrize("answer", [M2, M4])
def test_answered_exchanges_do_not_count(answer):
    """A wrong passphrase is answered with M2; what was answered is no harvest."""
    there = Air()
    for _ in range(10):
        there = key_message(key_message(joins(there), M1), answer)
        there = key_message(there, M1, after_us=1_000_000)

    assert alerts(there) == []


def test_an_m1_repeated_at_once_does_not_count():
    """The access point waits for M2 before it gives up on it."""
    there = Air()
    for number in range(10):
        there = key_message(joins(there, bssid=AP + number), M1, bssid=AP + number)
        there = key_message(there, M1, bssid=AP + number, after_us=100_000)

    assert alerts(there) == []


@pytest.mark.parametrize(
    ("tail", "found"),
    [
        pytest.param(WPA2_PSK, 1, id="WPA2-PSK"),
        pytest.param(WPA1_TKIP, 1, id="WPA1"),
        pytest.param(WPA3_SAE, 1, id="WPA3"),
        pytest.param(FT_PSK, 0, id="fast transition"),
        pytest.param(EAP, 0, id="enterprise"),
        pytest.param(OPEN, 0, id="open"),
    ],
)
def test_only_networks_with_a_handshake_count(tail, found):
    """Fast transition needs no M2, enterprise asks for EAP first, open for nothing."""
    there = Air()
    for _ in range(5):
        there = key_message(joins(there, tail=tail), M1)

    assert len(alerts(there)) == found


def test_reassociations_count_too():
    """A reassociation leads to a handshake like an association."""
    there = Air()
    for _ in range(4):
        there = key_message(joins(there, kind=REASSOC_REQ), M1)

    assert len(alerts(there)) == 1


def test_refused_associations_do_not_count():
    """Without an association there is no handshake to leave unanswered."""
    there = Air()
    for _ in range(10):
        there.send(request(STATION, AP, WPA2_PSK), after_us=1_000_000)
        there.send(assoc_response(status=17), after_us=1_000)

    assert alerts(there) == []


def test_several_access_points_add_up():
    """One station that goes from network to network is one alert."""
    there = unanswered(unanswered(Air(), 1), 1, bssid=OTHER_AP)
    [alert] = alerts(unanswered(there, 1, bssid=OTHER_AP + 1))

    assert alert.evidence["peak_networks"] == 3


def test_slow_exchanges_raise_nothing():
    """Three exchanges must fall inside the window."""
    there = Air()
    for _ in range(6):
        there = unanswered(there, 1)
        there.now_us += 30_000_000

    assert alerts(there) == []


@pytest.mark.parametrize(("pause_us", "found"), [(0, 1), (5_000_000, 0)])
def test_exchanges_count_from_their_first_m1(pause_us, found):
    """One that was proven late, but begun before the window, is outside."""
    there = key_message(joins(Air(), bssid=OTHER_AP), M1, bssid=OTHER_AP)
    there.now_us += 55_000_000
    there = key_message(unanswered(there, 1), M1, bssid=OTHER_AP)
    there.now_us += pause_us

    assert len(alerts(unanswered(there, 1))) == found


def test_an_alert_goes_on_and_a_second_opens_after_quiet():
    """Later exchanges belong to the open alert; after quiet a new one opens."""
    there = unanswered(Air(), 10)
    end_us = there.now_us
    there.now_us += 61_000_000
    first, second = alerts(unanswered(there, 3))

    assert (first.last_seen_us, first.evidence["peak_exchanges"]) == (end_us, 10)
    assert first.count == 11
    assert second.evidence["peak_exchanges"] == 3
    assert first.id != second.id


def test_two_stations_are_two_alerts():
    """Each attacker has an alert of its own."""
    there = unanswered(unanswered(Air(), 3), 3, station=OTHER_STATION)

    assert [a.subject.station for a in alerts(there)] == [STATION, OTHER_STATION]


def test_parameters_are_used():
    """A lower threshold fires earlier, a shorter window later."""
    assert len(alerts(unanswered(Air(), 1), threshold_exchanges=1)) == 1
    assert alerts(unanswered(Air(), 3), window_s=3.0) == []


def test_blocks_do_not_matter():
    """One frame per block gives the same alerts."""
    there = unanswered(unanswered(Air(), 5), 4, station=OTHER_STATION, bssid=OTHER_AP)
    there.now_us += 61_000_000
    there = unanswered(there, 3)

    assert len(alerts(there)) == 3
    assert alerts(there, block_frames=1) == alerts(there)
