"""
SSIDs as text.  An SSID is bytes, not all of them printable.
"""

from __future__ import annotations

from functools import lru_cache

MAX_SSID_BYTES = 32  # IEEE Std 802.11-2020, 9.4.2.2


@lru_cache(maxsize=4096)
def display_ssid(ssid: bytes) -> str:
    r"""
    *ssid* as UTF-8 where that is printable; every other byte as ``\xNN``.

    Control, formatting and bidirectional characters are escaped, and so is the
    backslash, so that two SSIDs never have the same text and no terminal obeys one.
    """
    shown = []
    for character in ssid.decode("utf-8", errors="surrogateescape"):
        if character != "\\" and character.isprintable():
            shown.append(character)
        else:
            raw = character.encode("utf-8", errors="surrogateescape")
            shown.extend(f"\\x{byte:02x}" for byte in raw)
    return "".join(shown)


def is_hidden(ssid: bytes | None) -> bool:
    """Whether *ssid* names nothing: absent, empty or only zero bytes."""
    return not ssid or not ssid.strip(b"\0")
