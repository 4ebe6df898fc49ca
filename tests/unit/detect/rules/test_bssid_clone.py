"""WD202: one BSSID, two transmitters."""

from __future__ import annotations

from tests.support.air import AP, WPA2_PSK, Air, beacon
from tests.support.rules import alerts_of

from sentinel_netlab.detect.rules.bssid_clone import BssidClone

OTHER_AP = 0x02_00_00_00_00_02
BEACON_US = 102_400
LINE = 2000
"""Distance of the clone's sequence numbers."""


def one(
    there: Air, number: int, *, bssid: int = AP, clone: bool = False, **differs: bool
) -> None:
    """A beacon of the access point or of its clone, which *differs* in respects."""
    sequence = number + (LINE if clone and differs.get("sequence") else 0)
    tsf_us = there.now_us + (50_000_000 if clone and differs.get("tsf") else 0)
    tail = WPA2_PSK + (b"\xdd\x05\x00\x11\x22\x33\x44" if clone else b"")
    there.send(
        beacon(
            bssid=bssid,
            sequence=sequence % 4096,
            tsf_us=tsf_us,
            tail=tail if differs.get("fingerprint") else WPA2_PSK,
        ),
        signal_dbm=-70 if clone and differs.get("signal") else -50,
    )


def air(swaps: int, there: Air | None = None, *, bssid: int = AP, **differs: bool):
    """Beacons of two transmitters in turn, so that the line changes *swaps* times."""
    there = there or Air()
    for number in range(20):
        there.now_us += BEACON_US
        one(there, number, bssid=bssid)
    for swap in range(swaps):
        there.now_us += BEACON_US // 2
        one(there, 20 + swap // 2, bssid=bssid, clone=swap % 2 == 0, **differs)
    return there


def test_one_transmitter_is_quiet():
    """Its lines go on, over the end of the sequence numbers too."""
    there = Air()
    for number in range(4000, 4400):
        there.now_us += BEACON_US
        one(there, number)

    assert alerts_of(BssidClone, there) == []


def test_four_swaps_back_to_a_line_raise_one_alert():
    """In two respects; the first change of line is no swap back."""
    assert alerts_of(BssidClone, air(4, sequence=True, tsf=True)) == []

    [alert] = alerts_of(BssidClone, air(5, sequence=True, tsf=True))

    assert (alert.code, alert.subject.bssid) == ("WD202", AP)
    assert alert.evidence["peak_sequence_swaps"] == 4
    assert alert.evidence["peak_tsf_swaps"] == 4
    assert alert.key == "bssid=02:00:00:00:00:01"


def test_sequence_numbers_alone_need_twenty():
    """One respect is weak evidence."""
    assert alerts_of(BssidClone, air(20, sequence=True)) == []
    assert len(alerts_of(BssidClone, air(21, sequence=True))) == 1


def test_signal_and_elements_count():
    """A clone that is elsewhere and built otherwise."""
    [alert] = alerts_of(BssidClone, air(12, fingerprint=True, signal=True, tsf=True))

    assert alert.evidence["peak_fingerprint_swaps"] >= 4
    assert alert.evidence["peak_signal_swaps"] >= 4


def test_restart_leaves_the_line_once():
    """And does not come back to it."""
    there = air(0)
    for restart in range(6):
        for number in range(30):
            there.now_us += BEACON_US
            there.send(beacon(sequence=700 * restart + number, tsf_us=number * 102_400))

    assert alerts_of(BssidClone, there) == []


def test_long_pauses_break_the_row_of_swaps():
    """Swaps a minute apart are no two transmitters at once."""
    there = air(0)
    for number in range(12):
        there.now_us += 60_000_000
        one(there, 600 * number, clone=number % 2 == 0, sequence=True, tsf=True)

    assert alerts_of(BssidClone, there) == []


def test_two_networks_are_two_alerts():
    """Each has its own."""
    there = air(20, sequence=True, tsf=True)
    there = air(20, there, bssid=OTHER_AP, sequence=True, tsf=True)

    found = alerts_of(BssidClone, there)

    assert [alert.subject.bssid for alert in found] == [AP, OTHER_AP]


def test_an_alert_goes_on_and_another_follows_quiet():
    """One clone is one alert; after the quiet time it is another."""
    there = air(200, sequence=True, tsf=True)
    there.now_us += 60_000_000
    first, second = alerts_of(BssidClone, air(40, there, sequence=True, tsf=True))

    assert first.count >= 195
    assert first.id != second.id


def test_parameters_are_used():
    """Fewer swaps suffice when asked."""
    assert alerts_of(BssidClone, air(3, sequence=True, tsf=True), swaps=2)


def test_blocks_do_not_matter():
    """One frame per block gives the same alerts."""
    there = air(60, sequence=True, tsf=True, signal=True)

    assert len(alerts_of(BssidClone, there)) == 1
    assert alerts_of(BssidClone, there, 1) == alerts_of(BssidClone, there)
