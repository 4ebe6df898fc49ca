"""
What the parsers of capture files say of bytes, as plain lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from sentinel_netlab.decode.records import open_records


@dataclass
class Parsed:
    """The packets of a file, column by column, and what is wrong with it."""

    packets: list[bytes] = field(default_factory=list)
    ts_us: list[int] = field(default_factory=list)
    wire_length: list[int] = field(default_factory=list)
    number: list[int] = field(default_factory=list)
    linktype: list[int] = field(default_factory=list)
    fcs_bytes: list[int] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    lost_packets: int = 0


def parsed(
    content: bytes, cuts: Iterable[int] = (), block_frames: int = 4096
) -> Parsed:
    """*content*, fed in the pieces between *cuts*; raises NotACapture."""
    records = open_records(content[:24], block_frames)
    inside = sorted({cut for cut in cuts if 0 < cut < len(content)})
    result = Parsed()
    blocks = [
        block
        for low, high in pairwise([0, *inside, len(content)])
        for block in records.feed(content[low:high], last=high == len(content))
    ]
    for block in blocks:
        for start, length in zip(
            block.start.tolist(), block.length.tolist(), strict=True
        ):
            result.packets.append(block.raw[start : start + length].tobytes())
        for name in ("ts_us", "wire_length", "number", "linktype", "fcs_bytes"):
            getattr(result, name).extend(getattr(block, name).tolist())
    result.damage = [str(one) for one in records.damage]
    result.lost_packets = records.lost_packets
    return result
