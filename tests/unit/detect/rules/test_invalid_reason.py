"""WD504: undefined reason or status code."""

from __future__ import annotations

import pytest
from tests.support.air import AP, STATION, Air, assoc_response, auth, deauth
from tests.support.run import run

from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.core.kinds import DISASSOC
from sentinel_netlab.detect.rules.invalid_reason import (
    InvalidReason,
    InvalidReasonParams,
)

OTHER = 0x02_00_00_00_00_0B
PROTECTED = 0x40
FIRST_RESERVED_REASON, FIRST_RESERVED_STATUS = 72, 141


def alerts(there: Air, block_frames: int = 4096, **params: float) -> list[Alert]:
    rule = InvalidReason(InvalidReasonParams(**params))
    return run(there.frames(block_frames), [rule]).alerts


def repeated(packet: bytes, count: int = 3) -> Air:
    there = Air()
    for _ in range(count):
        there.send(packet, after_us=10_000)
    return there


def forged(there: Air, count: int, *, by: int = AP, reason: int = 999) -> Air:
    for number in range(count):
        packet = deauth(STATION, transmitter=by, reason=reason, sequence=number)
        there.send(packet, after_us=100_000)
    return there


def test_two_frames_raise_nothing():
    """Below the threshold it may be chance."""
    assert alerts(forged(Air(), 2)) == []


def test_the_third_frame_raises_one_alert():
    """The alert names both ends and the highest code."""
    [alert] = alerts(forged(Air(), 3))

    assert (alert.code, alert.count) == ("WD504", 3)
    assert (alert.subject.bssid, alert.subject.transmitter) == (AP, AP)
    assert alert.subject.station == STATION
    assert alert.key == "bssid=02:00:00:00:00:01,transmitter=02:00:00:00:00:01"
    assert alert.evidence["peak_frames"] == 3
    assert alert.evidence["highest_code"] == 999
    assert alert.evidence["threshold_frames"] == 3


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(deauth(reason=0), id="reason 0"),
        pytest.param(deauth(reason=FIRST_RESERVED_REASON), id="reason 72"),
        pytest.param(deauth(reason=65535), id="reason 65535"),
        pytest.param(deauth(reason=999, kind=DISASSOC), id="disassociation"),
        pytest.param(auth(2, status=FIRST_RESERVED_STATUS), id="authentication"),
        pytest.param(
            assoc_response(status=FIRST_RESERVED_STATUS), id="association response"
        ),
    ],
)
def test_undefined_codes(packet):
    """Reserved reasons and status codes of every kind count."""
    assert len(alerts(repeated(packet))) == 1


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(deauth(reason=1), id="reason 1"),
        pytest.param(deauth(reason=71), id="reason 71"),
        pytest.param(deauth(reason=71, kind=DISASSOC), id="disassociation"),
        pytest.param(auth(2, status=140), id="status 140"),
        pytest.param(assoc_response(status=0), id="status 0"),
    ],
)
def test_defined_codes(packet):
    """Codes of the tables raise nothing, however often they come."""
    assert alerts(repeated(packet, 50)) == []


def test_protected_frames_are_left_out():
    """The body of a protected frame is cipher text, not a code."""
    packet = deauth(STATION, reason=999)
    protected = bytes((packet[0], packet[1] | PROTECTED)) + packet[2:] + bytes(16)

    assert alerts(repeated(protected, 50)) == []


def test_bit_errors_do_not_repeat_from_one_address():
    """Damage that comes with another address each time raises nothing."""
    there = Air()
    for number in range(30):
        packet = deauth(transmitter=AP + number, bssid=AP, reason=999)
        there.send(packet, after_us=1_000)

    assert alerts(there) == []


def test_slow_frames_raise_nothing():
    """Three frames must fall inside the window."""
    there = Air()
    for number in range(10):
        there.send(deauth(reason=999, sequence=number), after_us=5_000_000)

    assert alerts(there) == []


def test_a_frame_of_a_station_is_about_that_station():
    """A frame to the access point makes its sender the station."""
    there = Air()
    for number in range(3):
        packet = deauth(AP, transmitter=STATION, reason=999, sequence=number)
        there.send(packet, after_us=1_000)
    [alert] = alerts(there)

    assert (alert.subject.station, alert.subject.transmitter) == (STATION, STATION)


def test_an_alert_goes_on_and_a_second_opens_after_quiet():
    """Later frames belong to the open alert; after 30 s of quiet a new one opens."""
    there = forged(Air(), 20)
    end_us = there.now_us
    there.now_us += 31_000_000
    first, second = alerts(forged(there, 3))

    assert (first.count, first.last_seen_us) == (20, end_us)
    assert second.count == 3
    assert first.id != second.id


def test_the_highest_code_is_kept():
    """A later, higher code becomes the evidence."""
    there = forged(forged(Air(), 3, reason=500), 3, reason=700)
    [alert] = alerts(forged(there, 3, reason=600))

    assert alert.evidence["highest_code"] == 700


def test_two_transmitters_are_two_alerts():
    """Each sender has an alert of its own."""
    there = forged(forged(Air(), 3), 3, by=OTHER)

    assert [a.subject.transmitter for a in alerts(there)] == [AP, OTHER]


def test_parameters_are_used():
    """A lower threshold fires earlier, a shorter window later."""
    [alert] = alerts(forged(Air(), 1), threshold_frames=1)

    assert alert.count == 1
    assert alerts(forged(Air(), 3), window_s=0.15) == []


def test_blocks_do_not_matter():
    """One frame per block gives the same alerts."""
    there = forged(forged(Air(), 20), 5, by=OTHER)
    there.now_us += 31_000_000
    there = forged(there, 4)

    assert len(alerts(there)) == 3
    assert alerts(there, block_frames=1) == alerts(there)
