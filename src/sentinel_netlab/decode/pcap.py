"""
pcap files: the classic format and the variants that libpcap and Wireshark read.

Source: IETF draft-ietf-opsawg-pcap; pcap-savefile(5).  A record longer than the file's
snaplen is given whole, as Wireshark does, since snaplen is often wrong; one longer than
`records.MOST_PACKET_BYTES` is damage, as libpcap says.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.decode.gather import Gather
from sentinel_netlab.decode.packets import Packets
from sentinel_netlab.decode.records import (
    BLOCK_FRAMES,
    MOST_PACKET_BYTES,
    NotACapture,
    Records,
    read_only,
)
from sentinel_netlab.decode.walk import Chain

HEADER_BYTES = 24
OLDEST_VERSION = 2
"""Major version 1 had other records; nobody reads them today."""

_FCS_KNOWN = 0x04000000
"""Bit f of the link type's word: its highest four bits are the length of the FCS."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What a magic number says about a file: records, unit of the fraction, header."""

    record_bytes: int = 16
    nanoseconds: bool = False
    extra_bytes: int = 0


VARIANTS = {
    0xA1B2C3D4: Variant(),
    0xA1B23C4D: Variant(nanoseconds=True),
    # Kuznetzov's libpcap: interface, protocol and packet type behind the lengths.
    0xA1B2CD34: Variant(record_bytes=24),
    # IXIA's hardware and software captures: the file's length behind its header.  Both
    # count µs, as Wireshark has it.
    0x1C0001AC: Variant(extra_bytes=4),
    0x1C0001AB: Variant(extra_bytes=4),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Variant and byte order of one file."""

    variant: Variant
    order: str


def layout_of(head: bytes) -> Layout | None:
    """
    The layout that the first bytes of a file say; None if it is no pcap.

    Raises:
        NotACapture: it is a pcap of a version that nobody reads.
    """
    if len(head) < 4:
        return None
    for order in "<>":
        variant = VARIANTS.get(struct.unpack_from(f"{order}I", head)[0])
        if variant is None:
            continue
        if len(head) >= 8:
            major, minor = struct.unpack_from(f"{order}HH", head, 4)
            if major < OLDEST_VERSION:
                msg = f"pcap version {major}.{minor} is not supported"
                raise NotACapture(msg)
        return Layout(variant, order)
    return None


class PcapRecords(Records):
    """Parser of pcap files (`Records`)."""

    def __init__(self, layout: Layout, block_frames: int = BLOCK_FRAMES) -> None:
        super().__init__(block_frames)
        self._variant = layout.variant
        self._order = layout.order
        self._chain: Chain | None = None
        self._linktype = 0
        self._fcs_bytes = 0

    def _walk(
        self, buffer: bytearray, start: int, size: int
    ) -> tuple[int, Packets | None]:
        if self._chain is None:
            return self._header(buffer, start, size), None
        at = self._chain.follow(buffer, start, size, self._block_frames)
        lengths = np.diff(at) - self._variant.record_bytes
        good = len(lengths)
        impossible = lengths > MOST_PACKET_BYTES
        if impossible.any():
            good = int(impossible.argmax())
            what = f"a record of {lengths[good]} bytes is impossible"
            self._stop(int(at[good]), what)
        elif at[-1] > size:
            good -= 1
            self._needed_bytes = int(at[-1] - at[good])
        packets = self._packets(buffer, at[:good], lengths[:good]) if good else None
        return int(at[good]), packets

    def _header(self, buffer: bytearray, start: int, size: int) -> int:
        length = HEADER_BYTES + self._variant.extra_bytes
        if size - start < length:
            return start
        version = struct.unpack_from(f"{self._order}HH", buffer, start + 4)
        word = struct.unpack_from(f"{self._order}I", buffer, start + 20)[0]
        self._linktype = word & 0xFFFF
        self._fcs_bytes = (word >> 28) * 2 if word & _FCS_KNOWN else 0
        record_bytes = self._variant.record_bytes
        layout = self._order + _lengths_of(version)
        self._chain = Chain(layout, record_bytes, record_bytes)
        self._inside = "a record"
        return start + length

    def _packets(
        self,
        buffer: bytearray,
        at: NDArray[np.int64],
        lengths: NDArray[np.int64],
    ) -> Packets:
        raw = read_only(buffer)
        head = Gather(raw).strip(at, 16)
        number = head.le32 if self._order == "<" else head.be32
        fraction = number(4)
        if self._variant.nanoseconds:
            fraction = fraction // np.uint32(1000)
        ts_us = number(0).astype(np.int64)
        ts_us *= 1_000_000
        ts_us += fraction
        said = np.maximum(number(8), number(12)).astype(np.int64)
        return Packets(
            start=at + self._variant.record_bytes,
            length=lengths,
            wire_length=said,
            ts_us=ts_us,
            number=self._numbers(len(at)),
            linktype=np.full(len(at), self._linktype, np.uint16),
            fcs_bytes=np.full(len(at), self._fcs_bytes, np.uint8),
            raw=raw,
        )


def _lengths_of(version: tuple[int, int]) -> str:
    """
    Where the captured length is in a record of a file of *version*.

    The two lengths changed places in version 2.3, and some writers of 2.3 and DG/UX
    (543.0) did not follow; the captured one is the smaller.
    """
    if version == (2, 3):
        return "8xII"
    return "12xI" if version in {(2, 0), (2, 1), (2, 2), (543, 0)} else "8xI"
