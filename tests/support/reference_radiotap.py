"""
Radiotap headers read one by one, as radiotap.org says it; slow and obvious.
"""

from __future__ import annotations

import struct

SIZES = {
    0: (8, 8), 1: (1, 1), 2: (1, 1), 3: (4, 2), 4: (2, 2), 5: (1, 1), 6: (1, 1),
    7: (2, 2), 8: (2, 2), 9: (2, 2), 10: (1, 1), 11: (1, 1), 12: (1, 1), 13: (1, 1),
    14: (2, 2), 15: (2, 2), 16: (1, 1), 17: (1, 1), 18: (8, 4), 19: (3, 1), 20: (8, 4),
    21: (12, 2), 22: (12, 8), 23: (12, 2), 24: (12, 2), 25: (6, 2), 26: (1, 1),
    27: (4, 2),
}  # fmt: skip
"""Size and alignment by bit."""


def build(fields: dict[int, bytes], *, words: int = 1) -> bytes:
    """A header with *fields* by bit in the first word, and *words* empty ones more."""
    body = bytearray(4 + 4 * words)
    for bit, value in sorted(fields.items()):
        align = SIZES[bit][1]
        body += bytes(-len(body) % align) + value
    first = sum(1 << bit for bit in fields)
    chain = [first, *[0] * (words - 1)]
    for index in range(words - 1):
        chain[index] |= 1 << 31
    struct.pack_into("<BBH", body, 0, 0, 0, len(body))
    struct.pack_into(f"<{words}I", body, 4, *chain)
    return bytes(body)


def read(header: bytes) -> dict[int, bytes]:
    """Fields of the first namespace by bit."""
    words = []
    at = 4
    while True:
        [word] = struct.unpack_from("<I", header, at)
        at += 4
        words.append(word)
        if not word >> 31:
            break
    found = {}
    for bit, (size, align) in SIZES.items():
        if words[0] >> bit & 1:
            at += -at % align
            found[bit] = header[at : at + size]
            at += size
    return found
