"""
The frames behind an alert, kept for a while in memory.

A ring of the last frames holds what an alert names when it is raised.  What stations
say to each other is left out: of a data frame the header and its cipher's, and what
EAPOL carries, for that is the key exchange itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.core.frames import NO_HEADER, Frames
from sentinel_netlab.core.kinds import DATA_KINDS
from sentinel_netlab.decode.pcapng_writer import PcapngWriter

KEPT_BYTES = 32 << 20
MOST_BYTES = 256 << 10
"""Of one alert's evidence: what the controller takes."""
CIPHER_BYTES = 8
"""Behind the header of a data frame: the IV and its extension, or LLC and SNAP."""
_ROW_BYTES = 44


@dataclass(frozen=True, slots=True)
class _Kept:
    """A block, as far as evidence needs it; `length` counts what may be given."""

    raw: NDArray[np.uint8]
    number: NDArray[np.int64]
    ts_us: NDArray[np.int64]
    start: NDArray[np.int64]
    length: NDArray[np.int64]
    wire_length: NDArray[np.int64]
    linktype: NDArray[np.uint16]

    @property
    def size_bytes(self) -> int:
        return len(self.raw) + _ROW_BYTES * len(self.number)


class FrameRing:
    """
    The last frames that were heard.

    Args:
        most_bytes: of memory; the oldest blocks go first.
        payloads: do not leave out what data frames carry.
    """

    def __init__(self, most_bytes: int = KEPT_BYTES, *, payloads: bool = False) -> None:
        self._most_bytes = most_bytes
        self._payloads = payloads
        self._blocks: deque[_Kept] = deque()
        self._bytes = 0

    def add(self, frames: Frames) -> None:
        """Keep *frames*, which have higher numbers than all before."""
        if not len(frames):
            return
        length = frames.packet_length if self._payloads else _without_payload(frames)
        kept = _Kept(
            frames.raw,
            frames.number,
            frames.ts_us,
            frames.packet_start,
            length,
            frames.wire_length,
            frames.linktype,
        )
        self._blocks.append(kept)
        self._bytes += kept.size_bytes
        while self._bytes > self._most_bytes and len(self._blocks) > 1:
            self._bytes -= self._blocks.popleft().size_bytes

    def evidence(self, alert: Alert) -> bytes | None:
        """The frames that *alert* names as pcapng; None if none of them is kept."""
        writer = PcapngWriter()
        comment = f"{alert.code} {alert.slug} {alert.id}: {alert.summary}"
        parts: list[bytes] = []
        size = 0
        for kept, row in self._found(alert.frames):
            start = int(kept.start[row])
            block = writer.packet(
                kept.raw[start : start + int(kept.length[row])].tobytes(),
                linktype=int(kept.linktype[row]),
                ts_us=int(kept.ts_us[row]),
                wire_length=int(kept.wire_length[row]),
                comment=comment,
            )
            size += len(block)
            if size > MOST_BYTES:
                break
            parts.append(block)
        return b"".join(parts) or None

    def _found(self, numbers: Sequence[int]) -> Iterator[tuple[_Kept, int]]:
        wanted = np.unique(np.array(numbers, np.int64))
        for kept in self._blocks:
            inside = (wanted >= kept.number[0]) & (wanted <= kept.number[-1])
            if inside.any():
                rows = np.flatnonzero(np.isin(kept.number, wanted[inside]))
                yield from ((kept, row) for row in rows.tolist())


def _without_payload(frames: Frames) -> NDArray[np.int64]:
    """How many bytes of each packet say nothing of what stations say to each other."""
    header = frames.body_start - frames.packet_start
    is_data = np.isin(frames.kind, DATA_KINDS)
    is_data[frames.eapol.row] = False
    # Of what has no usable header nobody knows where its payload is.
    unknown = (frames.malformed & NO_HEADER) != 0
    ahead = np.where(unknown, frames.start - frames.packet_start, header + CIPHER_BYTES)
    cut = np.minimum(frames.packet_length, ahead)
    return np.where(is_data | unknown, cut, frames.packet_length)
