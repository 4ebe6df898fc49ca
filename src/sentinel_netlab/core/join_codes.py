"""
Codes that make a machine a sensor, once: 120 random bits that people can type.
"""

from __future__ import annotations

import base64
import hashlib

CODE_BYTES = 15
_GROUP = 6
_CHARS = CODE_BYTES * 8 // 5
# Digits that base32 (RFC 4648) leaves out, for the letters that they look like.
_READ = str.maketrans("018", "olb", "- ")


def make_code(random: bytes) -> str:
    """
    The code that *random* write: four groups of six letters and digits.

    Raises:
        ValueError: they are not `CODE_BYTES`.
    """
    if len(random) != CODE_BYTES:
        raise ValueError(f"a join code is made of {CODE_BYTES} bytes")
    text = base64.b32encode(random).decode().lower()
    return "-".join(text[at : at + _GROUP] for at in range(0, _CHARS, _GROUP))


def hash_code(code: str) -> str:
    """
    What is kept of a code: SHA-256, in hexadecimal, of its letters and digits.

    A fast hash, for nobody guesses 120 bits.  Hyphens, spaces and capitals do not
    matter; any text has a hash.
    """
    text = code.strip().lower().translate(_READ)
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
