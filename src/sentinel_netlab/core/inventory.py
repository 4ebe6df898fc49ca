"""
The inventory: networks (an access point's BSS under one name) and their stations.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Station:
    """
    A client of a BSS.

    Attributes:
        address: 48-bit; frames: data and association frames between it and the BSS.
        first_us, last_us: event time, µs since 1970.
        signal_dbm: mean over its own frames, None if no frame had a signal.
    """

    address: int
    frames: int
    first_us: int
    last_us: int
    signal_dbm: float | None


@dataclass(frozen=True, slots=True)
class Network:
    """
    A BSS under one name.

    Attributes:
        bssid: 48-bit address; ssid: raw bytes, empty if hidden.
        security: label of `core.security`, such as ``WPA2-PSK-CCMP``.
        adhoc: it is an IBSS.
        channel, frequency_mhz: of its last advertisement, 0 unknown.
        beacons, probe_responses: how many of each carried this name.
        signal_dbm: mean over those, None if none had a signal.
        stations: its clients, by address.
        first_us, last_us: event time, µs since 1970.
        fingerprint: of its elements.
    """

    bssid: int
    ssid: bytes
    security: str
    adhoc: bool
    channel: int
    frequency_mhz: int
    beacons: int
    probe_responses: int
    signal_dbm: float | None
    stations: tuple[Station, ...]
    first_us: int
    last_us: int
    fingerprint: str
