"""WD112: EAPOL-Logoff flood."""

from __future__ import annotations

from tests.support.air import AP, STATION, Air, data, eapol
from tests.support.rules import alerts_of

from sentinel_netlab.detect.rules.eapol_logoff_flood import EapolLogoffFlood

OTHER = 0x02_00_00_00_00_0B
START, LOGOFF = 1, 2


def packets(
    there: Air, count: int, *, station: int = STATION, what: int = LOGOFF
) -> Air:
    for number in range(count):
        packet = data(eapol(what), station=station, sequence=number)
        there.send(packet, after_us=500_000)
    return there


def test_five_raise_nothing():
    """The threshold is exclusive."""
    assert alerts_of(EapolLogoffFlood, packets(Air(), 5)) == []


def test_the_sixth_raises_one_alert():
    """It is about the station that is logged off."""
    [alert] = alerts_of(EapolLogoffFlood, packets(Air(), 6))

    assert (alert.code, alert.count) == ("WD112", 6)
    assert (alert.subject.bssid, alert.subject.station) == (AP, STATION)
    assert alert.evidence["peak_frames"] == 6


def test_starts_do_not_count():
    """They are WD111's."""
    assert alerts_of(EapolLogoffFlood, packets(Air(), 40, what=START)) == []


def test_stations_of_one_network_do_not_add_up():
    """Ten stations that leave once each are no attack."""
    there = Air()
    for number in range(10):
        packets(there, 1, station=STATION + number)

    assert alerts_of(EapolLogoffFlood, there) == []


def test_two_victims_are_two_alerts():
    """Each has its own."""
    there = packets(packets(Air(), 8), 8, station=OTHER)

    found = alerts_of(EapolLogoffFlood, there)

    assert [alert.subject.station for alert in found] == [STATION, OTHER]


def test_an_alert_goes_on_and_another_follows_quiet():
    """One flood is one alert; after the quiet time it is another."""
    there = packets(Air(), 60)
    there.now_us += 40_000_000
    first, second = alerts_of(EapolLogoffFlood, packets(there, 8))

    assert (first.count, second.count) == (60, 8)
    assert first.id != second.id


def test_parameters_are_used():
    """A lower threshold fires earlier."""
    [alert] = alerts_of(EapolLogoffFlood, packets(Air(), 3), threshold_frames=2)

    assert alert.count == 3


def test_blocks_do_not_matter():
    """One frame per block gives the same alerts."""
    there = packets(packets(Air(), 20), 8, station=OTHER)

    assert alerts_of(EapolLogoffFlood, there, 1) == alerts_of(EapolLogoffFlood, there)
