"""WD107: association flood."""

from __future__ import annotations

from tests.support.air import AP, STATION, Air, assoc_request, assoc_response
from tests.support.rules import alerts_of

from sentinel_netlab.detect.rules.assoc_flood import AssocFlood

OTHER_AP = 0x02_00_00_00_00_02
FULL = 17


def requests(
    there: Air, count: int, *, every_us: int = 100_000, bssid: int = AP
) -> Air:
    for number in range(count):
        request = assoc_request(station=STATION + number, bssid=bssid)
        there.send(request, after_us=every_us)
    return there


def refusals(there: Air, count: int, *, status: int = FULL) -> Air:
    for number in range(count):
        answer = assoc_response(station=STATION + number, status=status)
        there.send(answer, after_us=100_000)
    return there


def test_twenty_one_senders_raise_nothing():
    """The threshold of senders is exclusive."""
    assert alerts_of(AssocFlood, requests(Air(), 21)) == []


def test_the_twenty_second_sender_raises_one_alert():
    """With a rate beyond twelve in five seconds."""
    [alert] = alerts_of(AssocFlood, requests(Air(), 22))

    assert (alert.code, alert.count, alert.subject.bssid) == ("WD107", 22, AP)
    assert alert.evidence["peak_sources"] == 22
    assert alert.key == "bssid=02:00:00:00:00:01,told_by=requests"


def test_many_senders_at_a_slow_rate_raise_nothing():
    """A hall that fills: forty stations, two in five seconds."""
    assert alerts_of(AssocFlood, requests(Air(), 40, every_us=2_500_000)) == []


def test_five_refusals_raise_nothing_six_do():
    """Status 17: the access point says that it is full."""
    assert alerts_of(AssocFlood, refusals(Air(), 5)) == []

    [alert] = alerts_of(AssocFlood, refusals(Air(), 6))

    assert alert.key == "bssid=02:00:00:00:00:01,told_by=refusals"
    assert alert.evidence["peak_full_frames"] == 6


def test_other_refusals_do_not_count():
    """A wrong password is no full table."""
    assert alerts_of(AssocFlood, refusals(Air(), 40, status=1)) == []


def test_two_victims_are_two_alerts():
    """Each has its own."""
    there = requests(requests(Air(), 30), 30, bssid=OTHER_AP)

    assert [a.subject.bssid for a in alerts_of(AssocFlood, there)] == [AP, OTHER_AP]


def test_an_alert_goes_on_and_another_follows_quiet():
    """One flood is one alert; after the quiet time it is another."""
    there = requests(Air(), 100)
    there.now_us += 90_000_000
    first, second = alerts_of(AssocFlood, requests(there, 30))

    assert (first.count, second.count) == (100, 30)
    assert first.id != second.id


def test_parameters_are_used():
    """Lower thresholds fire earlier."""
    there = requests(Air(), 4)

    [alert] = alerts_of(AssocFlood, there, threshold_sources=3, threshold_rate_frames=3)

    assert alert.count == 4


def test_blocks_do_not_matter():
    """One frame per block gives the same alerts."""
    there = refusals(requests(Air(), 60), 20)

    assert alerts_of(AssocFlood, there, 1) == alerts_of(AssocFlood, there)
    assert len(alerts_of(AssocFlood, there)) == 2
