"""
Frames → pcapng bytes.

Source: IETF draft-ietf-opsawg-pcapng, 4.1 (section), 4.2 (interface), 4.3 (packet).
"""

from __future__ import annotations

import struct

from sentinel_netlab import __version__
from sentinel_netlab.core.frames import Frames

SECTION, INTERFACE, ENHANCED = 0x0A0D0D0A, 1, 6
BYTE_ORDER_MAGIC = 0x1A2B3C4D
OPT_END, OPT_COMMENT, SHB_USERAPPL = 0, 1, 4
MOST_COMMENT_BYTES = 4096


class PcapngWriter:
    """
    Makes the blocks of one pcapng file, one interface per link type.

    The first packet's block carries the section header in front of it, and the first of
    each link type its interface.
    """

    def __init__(self) -> None:
        self._interfaces: dict[int, int] = {}
        self._begun = False

    def header(self) -> bytes:
        """The section header, if it was not given yet."""
        if self._begun:
            return b""
        self._begun = True
        name = f"Sentinel NetLab {__version__}".encode()
        body = struct.pack("<IHHq", BYTE_ORDER_MAGIC, 1, 0, -1)
        return _block(SECTION, body + _option(SHB_USERAPPL, name) + _option(OPT_END))

    def packet_block(self, frames: Frames, row: int, comment: str | None) -> bytes:
        """The packet at *row* as it was captured, with *comment* if there is one."""
        start, length = int(frames.packet_start[row]), int(frames.packet_length[row])
        return self.packet(
            frames.raw[start : start + length].tobytes(),
            linktype=int(frames.linktype[row]),
            ts_us=int(frames.ts_us[row]),
            wire_length=int(frames.wire_length[row]),
            comment=comment,
        )

    def packet(
        self,
        packet: bytes,
        *,
        linktype: int,
        ts_us: int,
        wire_length: int,
        comment: str | None,
    ) -> bytes:
        """A packet of *wire_length* bytes, of which *packet* are there."""
        head = self._interface(linktype)
        ticks = ts_us & (2**64 - 1)
        body = struct.pack(
            "<IIIII",
            self._interfaces[linktype],
            ticks >> 32,
            ticks & 0xFFFFFFFF,
            len(packet),
            wire_length & 0xFFFFFFFF,
        )
        body += packet + bytes(-len(packet) % 4)
        if comment:
            text = comment.encode("utf-8", errors="replace")[:MOST_COMMENT_BYTES]
            text = text.decode("utf-8", errors="ignore").encode()
            body += _option(OPT_COMMENT, text) + _option(OPT_END)
        return head + _block(ENHANCED, body)

    def _interface(self, linktype: int) -> bytes:
        """What must stand in front of a packet of *linktype*."""
        head = self.header()
        if linktype not in self._interfaces:
            self._interfaces[linktype] = len(self._interfaces)
            head += _block(INTERFACE, struct.pack("<HHI", linktype, 0, 0))
        return head


def _option(code: int, value: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def _block(kind: int, body: bytes) -> bytes:
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)
