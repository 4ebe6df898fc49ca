"""WD512: frames that no standard allows."""

from __future__ import annotations

import struct

import pytest
from tests.support.air import AP, STATION, Air, beacon, deauth, frame, mac
from tests.support.run import run

from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.core.kinds import BEACON, DATA, DEAUTH
from sentinel_netlab.detect.rules.illegal_frame import IllegalFrame, IllegalParams

RESERVED = 0x0F
GROUP = 0x01_00_00_00_00_0A
OTHER_AP = 0x02_00_00_00_00_02
TO_DS, FROM_DS, RETRY = 0x01, 0x02, 0x08
REASON = struct.pack("<H", 7)


def alerts(there: Air, block_frames: int = 4096, **params: float) -> list[Alert]:
    rule = IllegalFrame(IllegalParams(**params))
    return run(there.frames(block_frames), [rule]).alerts


def reserved(number: int, bssid: int = AP) -> bytes:
    return frame(RESERVED, transmitter=STATION, third=bssid, sequence=number)


def repeated(packet: bytes, count: int = 21) -> Air:
    there = Air()
    for _ in range(count):
        there.send(packet, after_us=10_000)
    return there


def reserved_frames(there: Air, count: int, bssid: int = AP) -> Air:
    for number in range(count):
        there.send(reserved(number, bssid), after_us=100_000)
    return there


def test_twenty_frames_raise_nothing():
    """The threshold itself is still put down to bit errors."""
    assert alerts(reserved_frames(Air(), 20)) == []


def test_the_twenty_first_frame_raises_one_alert():
    """The alert holds all frames of the window and what was measured."""
    [alert] = alerts(reserved_frames(Air(), 21))

    assert (alert.code, alert.count) == ("WD512", 21)
    assert (alert.subject.bssid, alert.subject.transmitter) == (AP, STATION)
    assert alert.key == "bssid=02:00:00:00:00:01"
    assert alert.evidence["peak_frames"] == 21
    assert alert.evidence["peak_transmitters"] == 1
    assert alert.evidence["threshold_frames"] == 20


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(frame(0x07), id="reserved management subtype 7"),
        pytest.param(frame(0x0F), id="reserved management subtype 15"),
        pytest.param(frame(0x2D, bytes(2)), id="reserved data subtype 13"),
        pytest.param(frame(DATA, transmitter=GROUP), id="group transmitter"),
        pytest.param(frame(DEAUTH, REASON, transmitter=0), id="zero transmitter"),
        pytest.param(frame(DEAUTH, REASON, flags=TO_DS), id="ToDS on management"),
        pytest.param(frame(DEAUTH, REASON, flags=FROM_DS), id="FromDS on management"),
    ],
)
def test_what_no_standard_allows(packet):
    """Every form of illegal frame counts."""
    [alert] = alerts(repeated(packet))

    assert (alert.subject.bssid, alert.count) == (AP, 21)


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(beacon(), id="beacon"),
        pytest.param(deauth(), id="deauthentication"),
        pytest.param(frame(DATA, transmitter=STATION, flags=TO_DS), id="data to AP"),
        pytest.param(frame(0x0E), id="action no ack"),
        pytest.param(
            b"\xb4\x00\x00\x00" + mac(AP) + mac(GROUP), id="RTS with bandwidth bit"
        ),
        pytest.param(b"\x0c\x00\x00\x00" + bytes(30), id="DMG beacon"),
    ],
)
def test_what_the_standard_allows(packet):
    """Ordinary frames, bandwidth signalling and extension frames do not count."""
    assert alerts(repeated(packet, 60)) == []


def test_bit_errors_spread_over_many_networks():
    """Damaged addresses do not repeat, so no network reaches the threshold."""
    there = Air()
    for number in range(200):
        broken = frame(BEACON, transmitter=GROUP, third=OTHER_AP + number // 20)
        there.send(broken, after_us=1_000)

    assert alerts(there) == []


def test_retransmissions_count_once():
    """A Retry of the same sequence number is the same frame."""
    there = Air()
    for number in range(20):
        for flags in (0, RETRY):
            there.send(
                frame(RESERVED, transmitter=STATION, flags=flags, sequence=number),
                after_us=1_000,
            )

    assert alerts(there) == []


def test_the_transmitters_are_counted():
    """A fuzzer that invents its address shows many."""
    there = Air()
    for number in range(30):
        there.send(frame(RESERVED, transmitter=STATION + number), after_us=1_000)

    [alert] = alerts(there)

    assert alert.evidence["peak_transmitters"] == 30


def test_an_alert_goes_on_and_a_second_opens_after_quiet():
    """Later frames belong to the open alert; after 30 s of quiet a new one opens."""
    there = reserved_frames(Air(), 50)
    end_us = there.now_us
    there.now_us += 31_000_000
    first, second = alerts(reserved_frames(there, 21))

    assert (first.count, first.last_seen_us) == (50, end_us)
    assert second.count == 21
    assert first.id != second.id


def test_two_networks_are_two_alerts():
    """Each network has an alert of its own."""
    there = reserved_frames(reserved_frames(Air(), 21), 21, OTHER_AP)

    assert [a.subject.bssid for a in alerts(there)] == [AP, OTHER_AP]


def test_parameters_are_used():
    """A lower threshold fires earlier, a shorter window later."""
    there = reserved_frames(Air(), 3)

    [alert] = alerts(there, threshold_frames=2)

    assert alert.count == 3
    assert alerts(there, threshold_frames=2, window_s=0.15) == []


def test_blocks_do_not_matter():
    """One frame per block gives the same alerts."""
    there = reserved_frames(reserved_frames(Air(), 60), 21, OTHER_AP)
    there.now_us += 31_000_000
    there = reserved_frames(there, 30)

    assert len(alerts(there)) == 3
    assert alerts(there, block_frames=1) == alerts(there)
