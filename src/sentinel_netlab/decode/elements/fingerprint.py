"""
What of an element string stays: for one BSS over time, and for one make of device.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from sentinel_netlab.core.elements import EXTENSION

Part = tuple[int, int, int]
"""Id (as in `Elements.ids`), start of the element, and its end."""

VARYING = frozenset(
    {
        5,  # TIM
        11,  # BSS Load
        37,  # Channel Switch Announcement
        40,  # Quiet
        60,  # Extended Channel Switch Announcement
        63,  # BSS Average Access Delay
        67,  # BSS Available Admission Capacity
        68,  # BSS AC Access Delay
        69,  # Time Advertisement
        71,  # Multiple BSSID: profiles take turns
        76,  # Management MIC
        113,  # Mesh Configuration: counts its peers
        118,  # Mesh Channel Switch Parameters
        119,  # Mesh Awake Window
        120,  # Beacon Timing
        196,  # Channel Switch Wrapper
        198,  # Quiet Channel
        201,  # Reduced Neighbor Report: offsets to other beacons
        216,  # TWT: the next wake time
        EXTENSION + 11,  # Estimated Service Parameters
        EXTENSION + 42,  # BSS Color Change Announcement
        EXTENSION + 52,  # Max Channel Switch Time
        EXTENSION + 109,  # TID-To-Link Mapping
        EXTENSION + 110,  # Multi-Link Traffic Indication
    }
)
"""Ids of elements that come, go or change from beacon to beacon of one BSS."""

CAPABILITIES = frozenset(
    {
        1,  # Supported Rates
        45,  # HT Capabilities
        50,  # Extended Supported Rates
        70,  # RM Enabled Capabilities
        127,  # Extended Capabilities
        191,  # VHT Capabilities
        EXTENSION + 35,  # HE Capabilities
        EXTENSION + 59,  # HE 6 GHz Band Capabilities
        EXTENSION + 108,  # EHT Capabilities
    }
)
"""Ids of elements whose bytes all devices of a make say alike."""

VENDOR = 221
VENDOR_HEAD_BYTES = 6  # id, length, OUI, type


def identity_of(raw: bytes, parts: list[Part], faulty: Iterable[int]) -> bytes:
    """
    *raw* without the elements that vary.

    Args:
        parts: all whole elements of *raw*, in order.
        faulty: ids of elements with a fault: they stay, so that strings of one identity
            have the same faults.
    """
    varying = VARYING.difference(faulty)
    return b"".join(
        [raw[start:end] for number, start, end in parts if number not in varying]
    )


def fingerprint_of(raw: bytes, parts: list[Part]) -> str:
    """
    16 hex digits over the order of ids, vendor types and capabilities.

    Left out is what the owner of a network sets (SSID, channel, country, RSN suites);
    that an element is there at all counts.
    """
    said = bytearray()
    for number, start, end in parts:
        if number in VARYING:
            continue
        if number == VENDOR:
            said += b"\0\xdd"
            said += raw[start + 2 : min(end, start + VENDOR_HEAD_BYTES)]
        else:
            said += number.to_bytes(2, "big")
            if number in CAPABILITIES:
                said += raw[start + 1 : end]
    return blake2b(said, digest_size=8).hexdigest()
