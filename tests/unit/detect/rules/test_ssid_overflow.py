"""Names longer than the standard allows are told, damaged elements are not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.support.air import (
    AP,
    STATION,
    WPA2_PSK,
    Air,
    assoc_request,
    beacon,
    element,
    probe_request,
    probe_response,
)
from tests.support.run import run

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import RETRY
from sentinel_netlab.detect.rules.ssid_overflow import SsidOverflow, SsidOverflowParams

LONG = b"A" * 33
SECOND_US = 1_000_000


@dataclass
class Said:
    """What the rule says of frames, each with the µs since the one before."""

    params: SsidOverflowParams | None = None
    block_frames: int = 4096

    def of(self, *sent: tuple[int, bytes]) -> list:
        air = Air()
        for after_us, packet in sent:
            air.send(packet, after_us=after_us)
        return run(air.frames(self.block_frames), [SsidOverflow(self.params)]).alerts


def test_one_frame_is_not_enough():
    """It may be damaged."""
    assert Said().of((0, beacon(ssid=LONG))) == []


def test_second_frame_raises_the_alert():
    """Code, count, key and what was measured."""
    [alert] = Said().of((0, beacon(ssid=LONG)), (SECOND_US, beacon(ssid=LONG)))

    assert (alert.code, alert.count) == ("WD502", 2)
    assert alert.severity is Severity.HIGH
    assert alert.key == "transmitter=02:00:00:00:00:01"
    assert (alert.subject.transmitter, alert.subject.bssid) == (AP, AP)
    assert alert.evidence == {
        "most_bytes": 32,
        "window_s": 60.0,
        "threshold_frames": 2,
        "peak_ssid_bytes": 33,
        "peak_frames": 2,
    }
    assert alert.frames == (1, 2)


def test_allowed_length_is_not_told():
    """32 bytes are a name like any other."""
    assert Said().of(*[(1000, beacon(ssid=b"A" * 32))] * 5) == []


def test_frames_further_apart_than_the_window_are_not_enough():
    """The window is half open: the frame before exactly 60 s is forgotten."""
    assert Said().of((0, beacon(ssid=LONG)), (60 * SECOND_US, beacon(ssid=LONG))) == []
    assert Said().of((0, beacon(ssid=LONG)), (60 * SECOND_US - 1, beacon(ssid=LONG)))


def test_two_lengths_are_not_enough():
    """Bit errors give lengths at random, so that only equal ones count together."""
    assert Said().of((0, beacon(ssid=LONG)), (1000, beacon(ssid=LONG + b"A"))) == []


def test_alert_takes_in_other_lengths():
    """Lengths of one transmitter are one alert, which names the longest."""
    sent = [(1000, beacon(ssid=b"A" * length)) for length in (33, 33, 200, 200, 40)]
    [alert] = Said().of(*sent)

    assert alert.count == 5
    assert alert.evidence["peak_ssid_bytes"] == 200
    assert "names of 200 bytes" in alert.summary


def test_alert_goes_on_with_the_attack():
    """Every further frame belongs to the same alert."""
    [alert] = Said().of(*[(SECOND_US, beacon(ssid=LONG))] * 100)

    assert alert.count == 100
    assert alert.last_seen_us - alert.first_seen_us == 99 * SECOND_US
    assert alert.evidence["peak_frames"] == 60


def test_second_attack_is_a_second_alert():
    """After the quiet time, with another id and frames of its own."""
    one, other = Said().of(
        *[(SECOND_US, beacon(ssid=LONG))] * 3,
        (61 * SECOND_US, beacon(ssid=LONG)),
        (SECOND_US, beacon(ssid=LONG)),
    )

    assert one.id != other.id
    assert (one.frames, other.frames) == ((1, 2, 3), (4, 5))


@pytest.mark.parametrize("window_s", [60.0, 600.0])
def test_frames_of_one_alert_do_not_raise_another(window_s):
    """While the window remembers an alert's frames, the alert stays open."""
    [alert] = Said(SsidOverflowParams(window_s=window_s)).of(
        *[(SECOND_US, beacon(ssid=LONG))] * 3, (45 * SECOND_US, beacon(ssid=LONG))
    )

    assert alert.count == 4
    assert alert.raised_us - alert.first_seen_us == SECOND_US


def test_two_transmitters_are_two_alerts():
    """Frames are counted per transmitter."""
    one, other = beacon(AP, LONG), beacon(AP + 1, LONG)

    assert Said().of((0, one), (1000, other)) == []
    alerts = Said().of(*[(1000, packet) for packet in (one, other) * 2])
    assert [alert.subject.transmitter for alert in alerts] == [AP, AP + 1]


@pytest.mark.parametrize(
    "packet",
    [
        probe_request(LONG),
        probe_response(ssid=LONG),
        assoc_request(LONG),
        beacon(tail=WPA2_PSK + element(0, LONG)),
    ],
    ids=["probe request", "probe response", "association request", "second element"],
)
def test_long_name_is_told_wherever_it_stands(packet):
    """In every management frame with names, and in a second SSID element."""
    [alert] = Said().of((0, packet), (1000, packet))

    assert alert.subject.transmitter in (AP, STATION)
    assert alert.evidence["peak_ssid_bytes"] == 33


def test_element_beyond_the_frame_is_damage():
    """A length above 32 in a string that does not come out even is a bit error."""
    packet = beacon(ssid=LONG) + element(48, bytes(20))[:9]

    assert Said().of(*[(1000, packet)] * 5) == []


def test_retransmissions_are_not_counted():
    """One frame and its retransmission are one frame."""
    packet = bytearray(probe_response(ssid=LONG))
    packet[1] |= RETRY

    assert Said().of((0, probe_response(ssid=LONG)), (1000, bytes(packet))) == []


def test_lower_threshold_fires_earlier():
    """One frame is enough where the site says so."""
    [alert] = Said(SsidOverflowParams(threshold_frames=1)).of((0, beacon(ssid=LONG)))

    assert alert.evidence["threshold_frames"] == 1


def test_shorter_window_forgets_earlier():
    """Two frames 5 s apart are not in one window of 4 s."""
    sent = [(0, beacon(ssid=LONG)), (5 * SECOND_US, beacon(ssid=LONG))]

    assert Said(SsidOverflowParams(window_s=4)).of(*sent) == []
    assert len(Said().of(*sent)) == 1


def test_blocks_do_not_matter():
    """Frame by frame the same alerts come out."""
    sent = [(SECOND_US, beacon(AP + n % 2, LONG)) for n in range(10)] * 2
    sent[10] = (200 * SECOND_US, sent[10][1])
    whole = Said().of(*sent)

    assert whole == Said(block_frames=1).of(*sent)
    assert len(whole) == 4
