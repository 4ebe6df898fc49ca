"""
Scenarios that no tool on virtual radios gave us, made frame by frame.
"""

from __future__ import annotations

from tests.support import air

WEAK = 0x02_00_00_00_10_00
BEACON_US = 102_400


def format_string() -> bytes:
    """A phone-crashing name beside an ordinary network."""
    there = air.Air()
    for number in range(20):
        there.send(air.beacon(sequence=number), after_us=BEACON_US // 2)
        trap = air.beacon(WEAK, b"%p%s%s%s%s%n", tail=b"", capability=air.ESS)
        there.send(trap, after_us=BEACON_US // 2, signal_dbm=-61)
    return there.pcap()


def security_changed() -> bytes:
    """A network that is WPA3 for 2 s and open for the next 2 s."""
    there = air.Air()
    for number in range(20):
        frame = air.beacon(
            tail=air.WPA3_SAE, sequence=number, tsf_us=number * BEACON_US
        )
        there.send(frame, after_us=BEACON_US)
    for number in range(20, 40):
        frame = air.beacon(
            tail=b"",
            capability=air.ESS,
            sequence=number,
            tsf_us=number * BEACON_US,
        )
        there.send(frame, after_us=BEACON_US)
    return there.pcap()


def weak_networks() -> bytes:
    """Open, WEP, WPA1-TKIP, WPS and WPA2 without PMF, a network each."""
    networks = (
        (b"open", b"", air.ESS),
        (b"wep", b"", air.ESS | air.PRIVACY),
        (b"tkip", air.WPA1_TKIP, air.ESS | air.PRIVACY),
        (b"wps", air.WPA2_PSK + air.WPS, air.ESS | air.PRIVACY),
        (b"wpa2", air.WPA2_PSK, air.ESS | air.PRIVACY),
    )
    there = air.Air()
    for number in range(30):
        for index, (ssid, tail, capability) in enumerate(networks):
            frame = air.beacon(
                WEAK + index,
                ssid,
                tail=tail,
                capability=capability,
                sequence=number,
                tsf_us=number * BEACON_US,
            )
            gap_us = BEACON_US // len(networks)
            there.send(frame, after_us=gap_us, signal_dbm=-40 - 5 * index)
    return there.pcap()
