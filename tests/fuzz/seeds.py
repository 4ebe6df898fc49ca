"""
Where fuzzing begins: one small file of each kind, and the head of each scenario.
"""

from __future__ import annotations

import gzip

from tests.fuzz.target import MOST_BYTES
from tests.support.formats import small_files
from tests.support.shared import ROOT

HEAD_BYTES = MOST_BYTES // 4


def seeds() -> dict[str, bytes]:
    """Seed captures by name."""
    found = small_files()
    for path in sorted((ROOT / "tests").glob("scenarios/*/*/*.pcap.gz")):
        found[path.parent.name] = _tail(gzip.decompress(path.read_bytes()))
    return found


def _tail(content: bytes) -> bytes:
    """The last records of a pcap, where the attack is, behind its file header."""
    at, offsets = 24, []
    while at + 16 <= len(content):
        offsets.append(at)
        at += 16 + int.from_bytes(content[at + 8 : at + 12], "little")
    begin = next(o for o in offsets if len(content) - o <= HEAD_BYTES)
    return content[:24] + content[begin:]
