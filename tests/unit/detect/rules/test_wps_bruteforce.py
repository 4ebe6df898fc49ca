"""Guessing of the WPS PIN is told, enrolment with a mistyped PIN is not."""

from __future__ import annotations

import struct

from tests.support.air import AP, STATION, Air, data, eapol
from tests.support.run import run

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.eapol import (
    WSC_DONE,
    WSC_M1,
    WSC_M2,
    WSC_M3,
    WSC_M4,
    WSC_M8,
    WSC_NACK,
)
from sentinel_netlab.core.frames import RETRY
from sentinel_netlab.detect.rules.wps_bruteforce import WpsBruteforce, WpsParams

SECOND_US = 1_000_000
GUESS = ((WSC_M1, False), (WSC_M2, True), (WSC_M3, False), (WSC_M4, True))
"""Messages of a guess, and whether the access point sends them; then the refusal."""


def wsc(
    message: int, *, from_ap: bool, station: int = STATION, bssid: int = AP, **more
) -> bytes:
    """A WSC message in EAP (WSC 2.0, 7.7); the access point asks, a station answers."""
    opcode = {WSC_NACK: 3, WSC_DONE: 5}.get(message, 4)
    attributes = bytes.fromhex("104a000110") + struct.pack(">HHB", 0x1022, 1, message)
    body = bytes.fromhex("fe00372a00000001") + bytes([opcode, 0]) + attributes
    packet = struct.pack(">BBH", 1 if from_ap else 2, 1, 4 + len(body)) + body
    where = {"station": station, "bssid": bssid, "from_ap": from_ap}
    return data(eapol(0, packet), **where, **more)


def failed(**where) -> list[bytes]:
    """A guess that both sides end with a NACK: one failure."""
    packets = [wsc(message, from_ap=by_ap, **where) for message, by_ap in GUESS]
    nacks = [wsc(WSC_NACK, from_ap=by_ap, **where) for by_ap in (False, True)]
    return packets + nacks


def air_of(packets: list[bytes], gap_us: int = 10_000, air: Air | None = None) -> Air:
    air = Air() if air is None else air
    for packet in packets:
        air.send(packet, after_us=gap_us)
    return air


def told(air: Air, params: WpsParams | None = None, block_frames: int = 4096) -> list:
    return run(air.frames(block_frames), [WpsBruteforce(params)]).alerts


def start(**where) -> bytes:
    return wsc(WSC_M1, from_ap=False, **where)


def test_two_failed_exchanges_are_not_enough():
    """A PIN may be mistyped twice."""
    assert told(air_of(failed() * 2)) == []


def test_third_failed_exchange_raises_the_alert():
    """Code, count, key and what was measured."""
    [alert] = told(air_of((failed() * 3)[:-1]))

    assert (alert.code, alert.count) == ("WD306", 6)
    assert alert.severity is Severity.HIGH
    assert alert.key == "bssid=02:00:00:00:00:01,station=02:00:00:00:00:0a"
    subject = alert.subject
    assert (subject.bssid, subject.station, subject.transmitter) == (
        AP,
        STATION,
        STATION,
    )
    assert alert.evidence == {
        "window_s": 300.0,
        "threshold_failed": 2,
        "threshold_starts": 5,
        "peak_failed": 3,
        "peak_starts": 3,
    }
    assert alert.frames == (1, 5, 7, 11, 13, 17)
    assert "3 exchanges, 3 of them failed, in 300 s" in alert.summary


def test_five_starts_are_not_enough():
    """Exchanges that end without a word count as begun only."""
    assert told(air_of([start()] * 5)) == []


def test_sixth_start_raises_the_alert():
    """Guessing is seen although the refusals are not."""
    [alert] = told(air_of([start()] * 6))

    assert alert.count == 6
    assert (alert.evidence["peak_failed"], alert.evidence["peak_starts"]) == (0, 6)


def test_enrolment_is_not_told():
    """Exchanges that end well, after one mistyped PIN."""
    well = [wsc(m, from_ap=m % 2 == 1) for m in (WSC_M1, WSC_M2, WSC_M8, WSC_DONE)]

    assert told(air_of(failed() + well * 3)) == []


def test_nack_without_exchange_is_not_a_failure():
    """A NACK that is sent again and again ends no further exchange."""
    nack = wsc(WSC_NACK, from_ap=True)

    assert told(air_of([nack] * 50)) == []
    assert told(air_of([start(), *[nack] * 50])) == []


def test_retransmissions_are_not_counted():
    """An M1 that is sent again with the Retry bit is no new exchange."""
    assert told(air_of([start(), *[start(flags=RETRY)] * 50])) == []


def test_slow_guesses_are_not_told():
    """The window is half open: the third failure comes as the first is forgotten."""
    air = air_of(failed()[:5])
    for _ in range(9):
        air.now_us += 150 * SECOND_US - 5 * 10_000
        air = air_of(failed()[:5], air=air)

    assert told(air) == []


def test_alert_goes_on_with_the_attack():
    """A guess every minute for half an hour is one alert."""
    air = Air()
    for _ in range(30):
        air = air_of(failed(), air=air)
        air.now_us += 60 * SECOND_US
    [alert] = told(air, WpsParams())

    # From the first guess on, each adds its begin, its failure and the second NACK.
    assert alert.count == 6 + 1 + 27 * 3
    assert alert.last_seen_us - alert.first_seen_us > 29 * 60 * SECOND_US
    assert alert.evidence["peak_failed"] == 5


def test_second_attack_is_a_second_alert():
    """After the quiet time, with another id and frames of its own."""
    air = air_of(failed() * 3)
    air.now_us += 301 * SECOND_US
    one, other = told(air_of(failed() * 3, air=air))

    assert one.id != other.id
    assert other.frames == (19, 23, 25, 29, 31, 35, 36)


def test_frames_of_one_alert_do_not_raise_another():
    """While the window remembers an alert's frames, the alert stays open."""
    air = air_of(failed() * 3)
    air.send(start(), after_us=200 * SECOND_US)
    [alert] = told(air)

    assert alert.raised_us - alert.first_seen_us == 160_000
    assert alert.last_seen_us == air.now_us


def test_two_stations_are_two_alerts():
    """Pairs of access point and station are kept apart, also below the threshold."""
    pairs = [{"station": STATION}, {"station": STATION + 1}, {"bssid": AP + 1}]
    once = [packet for pair in pairs for packet in failed(**pair)]

    assert told(air_of(once * 2)) == []
    alerts = told(air_of(once * 3))
    assert [(a.subject.bssid, a.subject.station) for a in alerts] == [
        (AP, STATION),
        (AP, STATION + 1),
        (AP + 1, STATION),
    ]


def test_thresholds_can_be_set():
    """Lower ones fire earlier."""
    one = told(air_of(failed() * 2), WpsParams(threshold_failed=1))
    two = told(air_of([start()] * 3), WpsParams(threshold_starts=2))

    assert [alert.evidence["peak_failed"] for alert in one] == [2]
    assert [alert.evidence["peak_starts"] for alert in two] == [3]


def test_shorter_window_forgets_earlier():
    """Three failures take 1.3 s here."""
    air = air_of(failed() * 3, gap_us=100_000)

    assert told(air, WpsParams(window_s=1)) == []
    assert len(told(air, WpsParams(window_s=2))) == 1


def test_blocks_do_not_matter():
    """Frame by frame the same alerts come out."""
    air = air_of(failed() * 4 + failed(station=STATION + 1) * 3)
    air.now_us += 400 * SECOND_US
    air = air_of(failed() * 3 + [start(bssid=AP + 1)] * 7, air=air)
    whole = told(air)

    assert whole == told(air, block_frames=1)
    assert len(whole) == 4
