"""WD501: elements that run past their frame."""

from __future__ import annotations

import struct

import pytest
from tests.support.air import (
    AP,
    STATION,
    Air,
    beacon,
    element,
    pcap,
    probe_request,
    radiotap,
)
from tests.support.run import decoded, packets_in, run

from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.detect.rules.malformed_element import (
    MalformedElement,
    MalformedParams,
)

OVERRUN = bytes((221, 200, 1, 2, 3))
BAD_FCS = 0x40  # radiotap.org, Flags


def alerts(there: Air, block_frames: int = 4096, **params: float) -> list[Alert]:
    rule = MalformedElement(MalformedParams(**params))
    return run(there.frames(block_frames), [rule]).alerts


def broken(number: int = 0, bssid: int = AP) -> bytes:
    return beacon(bssid, tail=OVERRUN, sequence=number)


def fuzzed(there: Air, count: int, *, frequency_mhz: int = 2437) -> Air:
    for number in range(count):
        packet = broken(number, AP + number)
        there.send(packet, after_us=100_000, frequency_mhz=frequency_mhz)
    return there


def test_ten_frames_raise_nothing():
    """The threshold itself is still put down to bit errors."""
    assert alerts(fuzzed(Air(), 10)) == []


def test_the_eleventh_frame_raises_one_alert():
    """The alert is about the channel, whoever the frames claim to be from."""
    [alert] = alerts(fuzzed(Air(), 11))

    assert (alert.code, alert.count) == ("WD501", 11)
    assert alert.key == "channel=6,frequency_mhz=2437"
    assert (alert.subject.channel, alert.subject.frequency_mhz) == (6, 2437)
    assert alert.evidence["peak_frames"] == 11
    assert alert.evidence["peak_transmitters"] == 11
    assert alert.evidence["threshold_frames"] == 10


def test_the_subject_is_the_frame_that_raised_it():
    """BSSID and transmitter are those of the eleventh frame."""
    [alert] = alerts(fuzzed(Air(), 30))

    assert (alert.subject.bssid, alert.subject.transmitter) == (AP + 10, AP + 10)


def test_probe_requests_count_too():
    """Any management frame with elements can be malformed."""
    there = Air()
    for number in range(11):
        packet = probe_request(station=STATION + number) + OVERRUN
        there.send(packet, after_us=1_000)

    assert len(alerts(there)) == 1


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(element(221, bytes(255)), id="the longest element"),
        pytest.param(b"\x01", id="one byte behind the elements"),
        pytest.param(b"\x12\x34\x56\x78", id="a check sequence left in place"),
        pytest.param(element(48, b"\x01"), id="a length that the element cannot have"),
    ],
)
def test_what_does_not_run_past_the_end(tail):
    """Other faults, and no faults, are not this."""
    there = Air()
    for number in range(60):
        there.send(beacon(tail=tail, sequence=number), after_us=1_000)

    assert alerts(there) == []


def test_frames_that_the_capture_cut_do_not_count():
    """A short snapshot length cuts elements that were whole on the air."""
    there = fuzzed(Air(), 60)
    content = bytearray(there.pcap())
    at = 24
    for _, packet in there.packets:
        struct.pack_into("<I", content, at + 12, len(packet) + 197)
        at += 16 + len(packet)
    frames = decoded(packets_in(bytes(content)))

    assert run(frames, [MalformedElement()]).alerts == []


def test_frames_with_a_wrong_check_sequence_do_not_count():
    """Damage that the radio saw is no attack."""
    damaged = radiotap(flags=BAD_FCS) + broken()
    packets = [(1_000 * number, damaged) for number in range(60)]

    frames = decoded(packets_in(pcap(packets, 127)))

    assert run(frames, [MalformedElement()]).alerts == []


def test_slow_frames_raise_nothing():
    """Eleven frames must fall inside the window."""
    there = Air()
    for number in range(40):
        there.send(broken(number), after_us=1_000_000)

    assert alerts(there) == []


def test_an_alert_goes_on_and_a_second_opens_after_quiet():
    """Later frames belong to the open alert; after 30 s of quiet a new one opens."""
    there = fuzzed(Air(), 40)
    end_us = there.now_us
    there.now_us += 31_000_000
    first, second = alerts(fuzzed(there, 11))

    assert (first.count, first.last_seen_us) == (40, end_us)
    assert second.count == 11
    assert first.id != second.id


def test_two_channels_are_two_alerts():
    """Each channel has an alert of its own."""
    there = fuzzed(fuzzed(Air(), 11), 11, frequency_mhz=2412)

    assert [a.subject.channel for a in alerts(there)] == [6, 1]


def test_equal_channel_numbers_of_two_bands_are_two_alerts():
    """6 GHz repeats channel numbers; the frequency keeps them apart."""
    there = fuzzed(fuzzed(Air(), 11, frequency_mhz=2412), 11, frequency_mhz=5955)

    assert [(a.subject.channel, a.subject.frequency_mhz) for a in alerts(there)] == [
        (1, 2412),
        (1, 5955),
    ]


def test_parameters_are_used():
    """A lower threshold fires earlier, a shorter window later."""
    [alert] = alerts(fuzzed(Air(), 3), threshold_frames=2)

    assert alert.count == 3
    assert alerts(fuzzed(Air(), 11), window_s=0.5) == []


def test_blocks_do_not_matter():
    """One frame per block gives the same alerts, good frames between them or not."""
    there = Air()
    for number in range(40):
        there.send(broken(number), after_us=50_000)
        there.send(beacon(sequence=number), after_us=50_000)
    there.now_us += 31_000_000
    there = fuzzed(there, 20)

    assert len(alerts(there)) == 2
    assert alerts(there, block_frames=1) == alerts(there)
