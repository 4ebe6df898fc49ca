"""Names that are format strings are told, prose with percent signs is not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.support.air import (
    AP,
    STATION,
    Air,
    assoc_request,
    beacon,
    probe_request,
    probe_response,
)
from tests.support.run import run

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import RETRY
from sentinel_netlab.detect.rules.ssid_format_string import (
    FormatParams,
    SsidFormatString,
)

NAME = b"%p%s%s%s%s%n"
SECOND_US = 1_000_000


@dataclass
class Said:
    """What the rule says of frames, each with the µs since the one before."""

    params: FormatParams | None = None
    block_frames: int = 4096

    def of(self, *sent: tuple[int, bytes]) -> list:
        air = Air()
        for after_us, packet in sent:
            air.send(packet, after_us=after_us)
        return run(
            air.frames(self.block_frames), [SsidFormatString(self.params)]
        ).alerts


def test_one_frame_is_not_enough():
    """It may be damaged."""
    assert Said().of((0, beacon(ssid=NAME))) == []


def test_second_frame_raises_the_alert():
    """Code, count, key and what was measured."""
    [alert] = Said().of((0, beacon(ssid=NAME)), (SECOND_US, beacon(ssid=NAME)))

    assert (alert.code, alert.count) == ("WD505", 2)
    assert alert.severity is Severity.MEDIUM
    assert alert.key == "transmitter=02:00:00:00:00:01,ssid=%p%s%s%s%s%n"
    assert (alert.subject.transmitter, alert.subject.ssid) == (AP, NAME)
    assert alert.evidence == {
        "directives": 6,
        "window_s": 60.0,
        "threshold_frames": 2,
        "peak_frames": 2,
    }
    assert alert.frames == (1, 2)


def test_frames_further_apart_than_the_window_are_not_enough():
    """The window is half open: the frame before exactly 60 s is forgotten."""
    assert Said().of((0, beacon(ssid=NAME)), (60 * SECOND_US, beacon(ssid=NAME))) == []
    assert Said().of((0, beacon(ssid=NAME)), (60 * SECOND_US - 1, beacon(ssid=NAME)))


def test_alert_goes_on_with_the_attack():
    """Every further frame belongs to the same alert."""
    [alert] = Said().of(*[(SECOND_US, beacon(ssid=NAME))] * 100)

    assert alert.count == 100
    assert alert.last_seen_us - alert.first_seen_us == 99 * SECOND_US
    assert alert.evidence["peak_frames"] == 60


def test_second_attack_is_a_second_alert():
    """After the quiet time, with another id and frames of its own."""
    one, other = Said().of(
        *[(SECOND_US, beacon(ssid=NAME))] * 3,
        (61 * SECOND_US, beacon(ssid=NAME)),
        (SECOND_US, beacon(ssid=NAME)),
    )

    assert one.id != other.id
    assert (one.frames, other.frames) == ((1, 2, 3), (4, 5))


@pytest.mark.parametrize("window_s", [60.0, 600.0])
def test_frames_of_one_alert_do_not_raise_another(window_s):
    """While the window remembers an alert's frames, the alert stays open."""
    [alert] = Said(FormatParams(window_s=window_s)).of(
        *[(SECOND_US, beacon(ssid=NAME))] * 3, (45 * SECOND_US, beacon(ssid=NAME))
    )

    assert alert.count == 4
    assert alert.raised_us - alert.first_seen_us == SECOND_US


def test_two_transmitters_are_two_alerts():
    """A name from two senders, and two names from one, are kept apart."""
    sent = [beacon(AP, NAME), beacon(AP + 1, NAME), beacon(AP, b"%n")]
    alerts = Said().of(*[(1000, packet) for packet in sent * 2])

    assert [(alert.subject.transmitter, alert.subject.ssid) for alert in alerts] == [
        (AP, NAME),
        (AP + 1, NAME),
        (AP, b"%n"),
    ]


def test_one_frame_each_of_two_transmitters_is_not_enough():
    """Frames are counted per transmitter."""
    assert Said().of((0, beacon(AP, NAME)), (1000, beacon(AP + 1, NAME))) == []


@pytest.mark.parametrize(
    "packet",
    [
        probe_request(NAME),
        probe_response(ssid=NAME),
        assoc_request(NAME),
    ],
    ids=["probe request", "probe response", "association request"],
)
def test_name_is_told_in_other_frames_too(packet):
    """Whoever sends it; the transmitter is the subject."""
    [alert] = Said().of((0, packet), (1000, packet))

    assert alert.subject.transmitter in (AP, STATION)
    assert alert.subject.ssid == NAME


@pytest.mark.parametrize("ssid", [b"%s", b"a%@b", b"%08p", b"%lln", b"5%s 6%p"])
def test_directives(ssid):
    """Flags, width and length modifiers belong to a directive."""
    assert len(Said().of((0, beacon(ssid=ssid)), (1000, beacon(ssid=ssid)))) == 1


@pytest.mark.parametrize(
    "ssid", [b"100%natural", b"50% sale", b"100%", b"%d", b"%%", b"net", b""]
)
def test_prose_is_not_told(ssid):
    """A percent sign behind a digit, before a space, or of a harmless directive."""
    assert Said().of(*[(1000, beacon(ssid=ssid))] * 5) == []


def test_retransmissions_are_not_counted():
    """One frame and its retransmission are one frame."""
    packet = bytearray(probe_response(ssid=NAME))
    packet[1] |= RETRY

    assert Said().of((0, probe_response(ssid=NAME)), (1000, bytes(packet))) == []


def test_lower_threshold_fires_earlier():
    """One frame is enough where the site says so."""
    [alert] = Said(FormatParams(threshold_frames=1)).of((0, beacon(ssid=NAME)))

    assert alert.evidence["threshold_frames"] == 1


def test_shorter_window_forgets_earlier():
    """Two frames 5 s apart are not in one window of 4 s."""
    sent = [(0, beacon(ssid=NAME)), (5 * SECOND_US, beacon(ssid=NAME))]

    assert Said(FormatParams(window_s=4)).of(*sent) == []
    assert len(Said().of(*sent)) == 1


def test_blocks_do_not_matter():
    """Frame by frame the same alerts come out."""
    sent = [(SECOND_US, beacon(AP + n % 2, NAME)) for n in range(10)] * 2
    sent[10] = (200 * SECOND_US, sent[10][1])
    whole = Said().of(*sent)

    assert whole == Said(block_frames=1).of(*sent)
    assert len(whole) == 4
