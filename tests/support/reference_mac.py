"""
MAC header of one frame, decoded slowly and obviously, to compare decode.mac against.

Written from IEEE Std 802.11-2020, 9.2.3, 9.2.4.1 and 9.3, field after field.
"""

from __future__ import annotations

from dataclasses import dataclass

from sentinel_netlab.core.addresses import NO_ADDRESS
from sentinel_netlab.core.frames import (
    BAD_VERSION,
    NO_SEQUENCE,
    NO_U8,
    SHORT_HEADER,
)


@dataclass(slots=True)
class Header:
    """What a MAC header says; names, units and missing values of `Frames`."""

    version: int = NO_U8
    kind: int = NO_U8
    flags: int = 0
    duration: int = 0
    receiver: int = NO_ADDRESS
    transmitter: int = NO_ADDRESS
    destination: int = NO_ADDRESS
    source: int = NO_ADDRESS
    bssid: int = NO_ADDRESS
    sequence: int = NO_SEQUENCE
    fragment: int = 0
    tid: int = NO_U8
    malformed: int = 0
    header_bytes: int = 0
    body_length: int = 0


class _Cursor:
    """Takes fields off the front of a frame."""

    def __init__(self, frame: bytes) -> None:
        self.frame = frame
        self.at = 0

    def take(self, count: int) -> bytes:
        """The next *count* bytes; EOFError if they are not there."""
        if self.at + count > len(self.frame):
            raise EOFError
        self.at += count
        return self.frame[self.at - count : self.at]

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "little")

    def address(self) -> int:
        return int.from_bytes(self.take(6), "big")


def decode(frame: bytes, *, padded: bool = False) -> Header:
    """The MAC header of *frame*; *padded*: the body begins at a multiple of 4."""
    header = Header()
    cursor = _Cursor(frame)
    try:
        control = cursor.number(2)
    except EOFError:
        header.malformed = SHORT_HEADER
        return header
    seen = Header(
        version=control & 3,
        kind=(control >> 2 & 3) << 4 | (control >> 4 & 15),
        flags=control >> 8,
    )
    if seen.version != 0:
        seen.malformed = BAD_VERSION
        return seen
    header = Header(version=seen.version, kind=seen.kind, flags=seen.flags)
    try:
        _rest(header, cursor)
        if padded:
            cursor.take(min(-cursor.at % 4, len(frame) - cursor.at))
    except EOFError:
        seen.malformed = SHORT_HEADER
        return seen
    header.header_bytes = cursor.at
    header.body_length = len(frame) - cursor.at
    return header


def _rest(header: Header, cursor: _Cursor) -> None:
    frame_type, subtype = header.kind >> 4, header.kind & 15
    if frame_type == 3:
        return  # extension frames (9.3.4) are only named
    header.duration = cursor.number(2)
    header.receiver = cursor.address()
    if frame_type == 0:
        _management(header, cursor)
    elif frame_type == 1:
        _control(header, subtype, cursor)
    else:
        _data(header, subtype, cursor)


def _management(header: Header, cursor: _Cursor) -> None:
    """9.3.3.1"""
    header.transmitter = cursor.address()
    header.bssid = cursor.address()
    header.destination, header.source = header.receiver, header.transmitter
    _sequence_control(header, cursor)
    if header.flags & 0x80:
        cursor.take(4)  # HT Control


def _sequence_control(header: Header, cursor: _Cursor) -> None:
    control = cursor.number(2)
    header.sequence, header.fragment = control >> 4, control & 15


def _control(header: Header, subtype: int, cursor: _Cursor) -> None:
    """9.3.1"""
    if subtype == 7:  # control wrapper: the rest is that of the carried frame
        carried = cursor.number(2)
        cursor.take(4)  # HT Control
        if carried >> 2 & 3 != 1 or carried >> 4 & 15 == 7:
            return
        subtype = carried >> 4 & 15
    if subtype in (2, 3, 4, 5, 6, 8, 9, 10, 11, 14, 15):
        header.transmitter = cursor.address()
    if subtype == 10:  # PS-Poll is sent to the BSS
        header.bssid = header.receiver
    if subtype in (14, 15):  # CF-End is sent by it
        header.bssid = header.transmitter


def _data(header: Header, subtype: int, cursor: _Cursor) -> None:
    """9.3.2.1, table 9-30 without A-MSDU"""
    header.transmitter = cursor.address()
    third = cursor.address()
    _sequence_control(header, cursor)
    to_ds, from_ds = header.flags & 1, header.flags & 2
    header.destination = third if to_ds else header.receiver
    if to_ds and from_ds:
        header.source = cursor.address()
    elif from_ds:
        header.source, header.bssid = third, header.transmitter
    else:
        header.source = header.transmitter
        header.bssid = header.receiver if to_ds else third
    if subtype & 8:
        header.tid = cursor.number(2) & 15
        if header.flags & 0x80:
            cursor.take(4)  # HT Control
