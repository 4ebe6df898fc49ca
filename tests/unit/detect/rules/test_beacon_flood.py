"""WD108: a crowd of access points that are not there."""

from __future__ import annotations

from tests.support.air import AP, Air, beacon
from tests.support.rules import alerts_of

from sentinel_netlab.detect.rules.beacon_flood import BeaconFlood

INVENTED = 0x02_00_00_00_30_00


def crowd(
    there: Air,
    count: int,
    *,
    each: int = 1,
    every_us: int = 20_000,
    bssids: int = 10_000,
    first: int = 0,
    frequency_mhz: int = 2437,
) -> Air:
    """*count* names, each of an address of its own and heard *each* times."""
    for number in range(first, first + count):
        for _ in range(each):
            frame = beacon(
                bssid=INVENTED + number % bssids, ssid=f"free {number}".encode()
            )
            there.send(frame, after_us=every_us, frequency_mhz=frequency_mhz)
    return there


def later(there: Air, **more) -> Air:
    """Time goes on: one beacon of one more network."""
    number = len(there.packets)
    one = beacon(bssid=AP + number, ssid=f"home {number}".encode())
    there.send(one, after_us=1_500_000, **more)
    return there


def test_forty_fleeting_bssids_raise_nothing():
    """The threshold is exclusive."""
    assert alerts_of(BeaconFlood, later(crowd(Air(), 40))) == []


def test_the_forty_first_raises_one_alert():
    """It is about the channel."""
    [alert] = alerts_of(BeaconFlood, later(crowd(Air(), 41)))

    assert (alert.code, alert.subject.channel) == ("WD108", 6)
    assert alert.evidence["peak_bssids"] == 41
    assert alert.subject.frequency_mhz == 2437
    assert "41 access points" in alert.summary


def test_names_of_few_addresses_count_too():
    """A flood from five addresses that changes its names."""
    there = later(crowd(Air(), 61, bssids=5))

    [alert] = alerts_of(BeaconFlood, there)

    assert alert.evidence["peak_ssids"] == 61
    assert alert.evidence["peak_bssids"] <= 5


def test_networks_that_beacon_on_are_real():
    """A hundred access points met at once, each heard four times."""
    there = Air()
    for _ in range(4):
        crowd(there, 100, every_us=2_000)

    assert alerts_of(BeaconFlood, later(there)) == []


def test_what_is_young_is_not_judged():
    """Within the first second a real network was heard as seldom."""
    assert alerts_of(BeaconFlood, crowd(Air(), 100, every_us=5_000)) == []


def test_slow_arrivals_leave_the_window():
    """Forty-one in a minute: a sensor that is carried about."""
    assert alerts_of(BeaconFlood, later(crowd(Air(), 60, every_us=1_000_000))) == []


def test_two_channels_are_two_alerts():
    """And half a flood on each is none."""
    there = crowd(Air(), 30, every_us=5_000)
    there = crowd(there, 30, first=100, every_us=5_000, frequency_mhz=2462)
    assert alerts_of(BeaconFlood, later(later(there), frequency_mhz=2462)) == []

    there = crowd(Air(), 50, every_us=5_000)
    there = crowd(there, 50, first=100, every_us=5_000, frequency_mhz=2462)
    found = alerts_of(BeaconFlood, later(later(there), frequency_mhz=2462))

    assert sorted(alert.subject.frequency_mhz for alert in found) == [2437, 2462]


def test_an_alert_goes_on_and_another_follows_quiet():
    """One flood is one alert; after the quiet time it is another."""
    there = later(crowd(Air(), 300))
    there.now_us += 60_000_000
    first, second = alerts_of(BeaconFlood, later(crowd(there, 60, first=1000)))

    assert first.count >= 250
    assert first.id != second.id


def test_parameters_are_used():
    """A lower threshold fires earlier."""
    assert alerts_of(BeaconFlood, later(crowd(Air(), 4)), threshold_bssids=3)


def test_blocks_do_not_matter():
    """One frame per block gives the same alerts."""
    there = later(crowd(Air(), 120))

    assert len(alerts_of(BeaconFlood, there)) == 1
    assert alerts_of(BeaconFlood, there, 1) == alerts_of(BeaconFlood, there)
