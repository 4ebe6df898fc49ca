"""WD111: EAPOL-Start flood."""

from __future__ import annotations

from tests.support.air import AP, STATION, Air, data, eapol
from tests.support.rules import alerts_of

from sentinel_netlab.detect.rules.eapol_start_flood import EapolStartFlood

OTHER_AP = 0x02_00_00_00_00_02
START, LOGOFF = 1, 2


def packets(
    there: Air,
    count: int,
    *,
    every_us: int = 50_000,
    bssid: int = AP,
    what: int = START,
) -> Air:
    for number in range(count):
        packet = data(
            eapol(what), station=STATION + number, bssid=bssid, sequence=number
        )
        there.send(packet, after_us=every_us)
    return there


def test_ten_in_a_second_raise_nothing():
    """The threshold is exclusive."""
    assert alerts_of(EapolStartFlood, packets(Air(), 10)) == []


def test_the_eleventh_raises_one_alert():
    """It is about the access point."""
    [alert] = alerts_of(EapolStartFlood, packets(Air(), 11))

    assert (alert.code, alert.count, alert.subject.bssid) == ("WD111", 11, AP)
    assert alert.evidence["peak_frames"] == 11
    assert alert.key == "bssid=02:00:00:00:00:01"


def test_slow_flood_is_found_in_the_long_window():
    """Thirty-one in ten seconds."""
    assert alerts_of(EapolStartFlood, packets(Air(), 30, every_us=300_000)) == []
    assert len(alerts_of(EapolStartFlood, packets(Air(), 31, every_us=300_000))) == 1


def test_logoffs_do_not_count():
    """They are WD112's."""
    assert alerts_of(EapolStartFlood, packets(Air(), 60, what=LOGOFF)) == []


def test_two_victims_are_two_alerts():
    """Each has its own."""
    there = packets(packets(Air(), 30), 30, bssid=OTHER_AP)

    found = alerts_of(EapolStartFlood, there)

    assert [alert.subject.bssid for alert in found] == [AP, OTHER_AP]


def test_an_alert_goes_on_and_another_follows_quiet():
    """One flood is one alert; after the quiet time it is another."""
    there = packets(Air(), 100)
    there.now_us += 40_000_000
    first, second = alerts_of(EapolStartFlood, packets(there, 20))

    assert (first.count, second.count) == (100, 20)
    assert first.id != second.id


def test_parameters_are_used():
    """A lower threshold fires earlier."""
    [alert] = alerts_of(EapolStartFlood, packets(Air(), 3), threshold_frames=2)

    assert alert.count == 3


def test_blocks_do_not_matter():
    """One frame per block gives the same alerts."""
    there = packets(packets(Air(), 60), 40, bssid=OTHER_AP)

    assert alerts_of(EapolStartFlood, there, 1) == alerts_of(EapolStartFlood, there)
