"""
Blocks of pcapng files made by hand, sound and broken (IETF draft-ietf-opsawg-pcapng).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

TSRESOL, FCSLEN, TSOFFSET = 9, 13, 14


@dataclass(frozen=True)
class Blocks:
    """Blocks of a section in byte *order*, as of `struct`."""

    order: str = "<"

    def block(self, kind: int, body: bytes, *, end_bytes: int | None = None) -> bytes:
        """Any block; *end_bytes* is the length at its end, if not the right one."""
        body += bytes(-len(body) % 4)
        size = 12 + len(body)
        tail = struct.pack(f"{self.order}I", size if end_bytes is None else end_bytes)
        return struct.pack(f"{self.order}II", kind, size) + body + tail

    def section(self, version: int = 1) -> bytes:
        """A section header block of unknown section length."""
        body = struct.pack(f"{self.order}IHHq", 0x1A2B3C4D, version, 0, -1)
        return self.block(0x0A0D0D0A, body)

    def option(self, code: int, value: bytes) -> bytes:
        """An option, padded."""
        head = struct.pack(f"{self.order}HH", code, len(value))
        return head + value + bytes(-len(value) % 4)

    def interface(
        self, linktype: int = 105, *, snaplen: int = 0, options: bytes = b""
    ) -> bytes:
        """An interface description block."""
        body = struct.pack(f"{self.order}HHI", linktype, 0, snaplen)
        return self.block(1, body + options)

    def clock(self, resolution: int, offset_s: int = 0) -> bytes:
        """The options of an interface that say what its ticks are."""
        offset = struct.pack(f"{self.order}q", offset_s)
        return self.option(TSRESOL, bytes([resolution])) + self.option(TSOFFSET, offset)

    def enhanced(
        self,
        packet: bytes,
        ticks: int = 0,
        *,
        interface: int = 0,
        captured: int | None = None,
        original: int | None = None,
        options: bytes = b"",
    ) -> bytes:
        """An enhanced packet block."""
        size = len(packet) if captured is None else captured
        said = size if original is None else original
        high, low = divmod(ticks, 1 << 32)
        head = struct.pack(f"{self.order}IIIII", interface, high, low, size, said)
        return self.block(6, head + packet + bytes(-len(packet) % 4) + options)

    def simple(self, packet: bytes, original: int | None = None) -> bytes:
        """A simple packet block."""
        said = len(packet) if original is None else original
        return self.block(3, struct.pack(f"{self.order}I", said) + packet)

    def obsolete(self, packet: bytes, ticks: int = 0, *, interface: int = 0) -> bytes:
        """A packet block of the old kind, one packet dropped in front of it."""
        high, low = divmod(ticks, 1 << 32)
        size = len(packet)
        head = struct.pack(f"{self.order}HHIIII", interface, 1, high, low, size, size)
        return self.block(2, head + packet)
