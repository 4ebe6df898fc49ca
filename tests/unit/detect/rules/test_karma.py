"""WD204: one access point under many names."""

from __future__ import annotations

import pytest
from tests.support.air import AP, STATION, Air, beacon, probe_response
from tests.support.run import run

from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.detect.rules.karma import Karma, KarmaParams

OTHER = 0x02_00_00_00_00_02
NAMES = (b"airport", b"coffee", b"hotel lobby", b"my home", b"office-5")


def alerts(there: Air, block_frames: int = 4096, **params: float) -> list[Alert]:
    rule = Karma(KarmaParams(**params))
    return run(there.frames(block_frames), [rule]).alerts


def answers(there: Air, *names: bytes, bssid: int = AP, rounds: int = 2) -> Air:
    for _ in range(rounds):
        for name in names:
            packet = probe_response(bssid, name, to=STATION)
            there.send(packet, after_us=100_000)
    return there


def test_two_names_raise_nothing():
    """A renamed network shows two names."""
    assert alerts(answers(Air(), *NAMES[:2], rounds=20)) == []


def test_a_third_name_raises_one_alert():
    """The alert lists the names."""
    [alert] = alerts(answers(Air(), *NAMES[:3]))

    assert (alert.code, alert.count) == ("WD204", 3)
    assert (alert.subject.bssid, alert.subject.ssid) == (AP, NAMES[2])
    assert alert.key == "bssid=02:00:00:00:00:01"
    assert alert.evidence["peak_ssids"] == 3
    assert alert.evidence["ssids"] == ["airport", "coffee", "hotel lobby"]
    assert alert.evidence["threshold_ssids"] == 2
    assert alert.frames == (4, 5, 6)


def test_a_name_counts_from_its_second_advertisement():
    """A single damaged beacon is no name."""
    there = answers(answers(Air(), *NAMES[:2]), NAMES[2], rounds=1)

    assert alerts(there) == []
    assert len(alerts(answers(there, NAMES[2], rounds=1))) == 1


def test_beacons_and_probe_responses_count_together():
    """A name may be advertised either way."""
    there = answers(Air(), *NAMES[:3], rounds=1)
    for name in NAMES[:3]:
        there.send(beacon(ssid=name), after_us=1_000)

    assert len(alerts(there)) == 1


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param((b"network one", b"netwOrk one", b"network ona"), id="bit errors"),
        pytest.param((b"network", b"netw", b"network one"), id="cut"),
        pytest.param((b"network", b"", b"\0\0\0\0"), id="hidden"),
    ],
)
def test_damaged_and_hidden_names_are_one_name(damaged):
    """What may be a copy of another name with errors is no name of its own."""
    assert alerts(answers(Air(), *damaged, rounds=10)) == []


def test_names_of_several_bssids_do_not_add_up():
    """An access point with several names uses a BSSID for each."""
    there = Air()
    for number, name in enumerate(NAMES):
        there = answers(there, name, bssid=AP + number, rounds=5)

    assert alerts(there) == []


def test_names_outside_the_window_are_forgotten():
    """Names that follow each other at more than the window are no crowd."""
    there = Air()
    for name in NAMES:
        there = answers(there, name)
        there.now_us += 61_000_000

    assert alerts(there) == []


def test_an_alert_goes_on_and_a_second_opens_after_quiet():
    """Later answers belong to the open alert; after 60 s of quiet a new one opens."""
    there = answers(Air(), *NAMES[:3], rounds=10)
    end_us = there.now_us
    there.now_us += 61_000_000
    first, second = alerts(answers(there, *NAMES[:3]))

    # The three names are proven at the sixth of thirty answers, by the newest of each.
    assert (first.count, first.last_seen_us) == (27, end_us)
    assert second.count == 3
    assert first.id != second.id


def test_the_highest_number_of_names_is_kept():
    """More names later raise the evidence and the confidence."""
    three = alerts(answers(Air(), *NAMES[:3]))
    [alert] = alerts(answers(Air(), *NAMES))

    assert alert.evidence["peak_ssids"] == 5
    assert alert.confidence > three[0].confidence
    assert "answers to 5 names within 60 s" in alert.summary


def test_two_access_points_are_two_alerts():
    """Each BSSID has an alert of its own."""
    there = answers(answers(Air(), *NAMES), *NAMES, bssid=OTHER)

    assert [a.subject.bssid for a in alerts(there)] == [AP, OTHER]


def test_parameters_are_used():
    """A lower threshold fires earlier, a shorter window later."""
    two = answers(Air(), *NAMES[:2], rounds=1)

    assert len(alerts(two, threshold_ssids=1, steady_frames=1)) == 1
    assert alerts(two, threshold_ssids=1) == []
    assert alerts(answers(Air(), *NAMES[:3], rounds=10), window_s=0.25) == []


def test_blocks_do_not_matter():
    """One frame per block gives the same alerts."""
    there = answers(answers(Air(), *NAMES, rounds=10), *NAMES, bssid=OTHER)
    there.now_us += 61_000_000
    there = answers(there, *NAMES[:4])

    assert len(alerts(there)) == 3
    assert alerts(there, block_frames=1) == alerts(there)


@pytest.mark.parametrize("block_frames", [1, 2, 4096])
def test_a_stale_name_counts_anew_however_blocks_are_cut(block_frames):
    """What was advertised before the window does not make a name steady."""
    there = answers(Air(), NAMES[0], rounds=1)
    there.now_us += 61_000_000
    there = answers(answers(there, NAMES[0], rounds=1), *NAMES[1:3])

    assert alerts(there, block_frames) == []
