"""
MAC addresses as 48-bit integers.
"""

from __future__ import annotations

import re

BROADCAST = 0xFFFFFFFFFFFF
NO_ADDRESS = 2**64 - 1
"""In a column of addresses: this frame has none in that role."""

GROUP_BIT = 1 << 40  # IEEE Std 802-2014, 8.2.2: the I/G bit
LOCAL_BIT = 1 << 41  # the U/L bit

_FORM = re.compile(r"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}")


def format_mac(address: int) -> str:
    """*address* as ``02:00:00:00:00:0a``."""
    return (address & BROADCAST).to_bytes(6, "big").hex(":")


def parse_mac(text: str) -> int:
    """
    The address that *text* (six hex pairs with colons or hyphens) writes.

    Raises:
        ValueError: *text* is no MAC address; the message quotes it.
    """
    if not _FORM.fullmatch(text):
        msg = f"not a MAC address: {text!r}"
        raise ValueError(msg)
    return int(text.replace(":", "").replace("-", ""), 16)


def is_group(address: int) -> bool:
    """Whether *address* is a group (multicast or broadcast) address."""
    return bool(address & GROUP_BIT)


def is_local(address: int) -> bool:
    """Whether *address* is locally administered, as random ones are."""
    return bool(address & LOCAL_BIT)


def oui_of(address: int) -> int:
    """The first three bytes without the group and local bits: the vendor."""
    return address >> 24 & 0xFCFFFF
