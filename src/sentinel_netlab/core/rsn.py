"""
RSN and WPA elements, and the names of their suites.

A suite is ``OUI << 8 | type`` (IEEE Std 802.11-2020, 9.4.2.24; 802.11be-2024 and
WPA3 Specification 3.4 for the newest).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

RSN_OUI = 0x000FAC
WPA_OUI = 0x0050F2
_KNOWN_OUIS = (RSN_OUI, WPA_OUI)

DEFAULT_CIPHER = RSN_OUI << 8 | 4
DEFAULT_AKM = RSN_OUI << 8 | 1
"""What holds where an RSN element ends before it says so (9.4.2.24.1)."""

CIPHERS = {
    0: "group",
    1: "WEP-40",
    2: "TKIP",
    4: "CCMP",
    5: "WEP-104",
    6: "BIP-CMAC",
    7: "none",
    8: "GCMP",
    9: "GCMP-256",
    10: "CCMP-256",
    11: "BIP-GMAC",
    12: "BIP-GMAC-256",
    13: "BIP-CMAC-256",
}
"""Cipher suites by type; one table for both OUIs, which agree where both define."""

AKMS = {
    1: "802.1X",
    2: "PSK",
    3: "FT-802.1X",
    4: "FT-PSK",
    5: "802.1X-SHA256",
    6: "PSK-SHA256",
    7: "TDLS",
    8: "SAE",
    9: "FT-SAE",
    10: "AP-PeerKey",
    11: "Suite-B",
    12: "Suite-B-192",
    13: "FT-802.1X-SHA384",
    14: "FILS-SHA256",
    15: "FILS-SHA384",
    16: "FT-FILS-SHA256",
    17: "FT-FILS-SHA384",
    18: "OWE",
    19: "FT-PSK-SHA384",
    20: "PSK-SHA384",
    21: "PASN",
    22: "FT-802.1X-SHA384-unrestricted",
    23: "802.1X-SHA384",
    24: "SAE-EXT",
    25: "FT-SAE-EXT",
}
"""Authentication and key management suites by type."""

PSK_AKMS = frozenset({2, 4, 6, 19, 20})
SAE_AKMS = frozenset({8, 9, 24, 25})
ENTERPRISE_AKMS = frozenset({1, 3, 5, 11, 12, 13, 14, 15, 16, 17, 22, 23})
SUITE_B_192_AKMS = frozenset({12, 13})
FAST_TRANSITION_AKMS = frozenset({3, 4, 9, 13, 16, 17, 19, 22, 25})
OWE_AKM = 18

MFPR = 0x0040  # RSN Capabilities, IEEE Std 802.11-2020, 9.4.2.24.4
MFPC = 0x0080  # the same


def suite_types(suites: Iterable[int]) -> frozenset[int]:
    """Types (last bytes) of those *suites* whose OUI is that of RSN or WPA."""
    return frozenset(suite & 0xFF for suite in suites if suite >> 8 in _KNOWN_OUIS)


def cipher_name(suite: int) -> str:
    """Name of a cipher suite; an unknown one by its numbers."""
    return _name(suite, CIPHERS)


def akm_name(suite: int) -> str:
    """Name of an AKM suite; an unknown one by its numbers."""
    return _name(suite, AKMS)


def _name(suite: int, names: dict[int, str]) -> str:
    known = suite >> 8 in _KNOWN_OUIS
    name = names.get(suite & 0xFF) if known else None
    return name or f"{suite >> 8:06x}:{suite & 0xFF}"


@dataclass(frozen=True, slots=True)
class Rsn:
    """
    An RSN element (id 48), or a WPA one (vendor 00:50:f2 type 1).

    Attributes:
        version: 1 in all that exist.
        group, group_management: cipher suite, None where the element ends before it.
        pairwise, akms: suites, in order.
        capabilities: RSN Capabilities, None where the element ends before it.
        pmkids: 16 bytes each.
    """

    version: int
    group: int | None = None
    pairwise: tuple[int, ...] = ()
    akms: tuple[int, ...] = ()
    capabilities: int | None = None
    pmkids: tuple[bytes, ...] = ()
    group_management: int | None = None

    @property
    def pmf_capable(self) -> bool:
        """Management frame protection capable (MFPC)."""
        return bool((self.capabilities or 0) & MFPC)

    @property
    def pmf_required(self) -> bool:
        """Management frame protection required (MFPR)."""
        return bool((self.capabilities or 0) & MFPR)
