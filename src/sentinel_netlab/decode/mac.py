"""
MAC header: type, flags, address roles, sequence, where the body begins.

The first two bytes (Frame Control) decide which of two dozen shapes a header has, and
the shape decides everything else: both are looked up in tables made once, so that a
block costs one gather (IEEE Std 802.11-2020, 9.2.3, 9.2.4.1, 9.3).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core import kinds
from sentinel_netlab.core.addresses import NO_ADDRESS
from sentinel_netlab.core.frames import (
    BAD_LINK,
    BAD_VERSION,
    FROM_DS,
    NO_SEQUENCE,
    NO_U8,
    ORDER,
    RADIO_DATA_PAD,
    SHORT_HEADER,
    TO_DS,
)
from sentinel_netlab.decode.gather import Gather, Strip

Columns = dict[str, NDArray[Any]]
Rows = NDArray[np.intp]

ROLES = ("receiver", "transmitter", "destination", "source", "bssid")

# Which address field plays which role; 0 is "none", 5 is address 2 of a wrapped frame.
_MANAGEMENT = (1, 2, 1, 2, 3)
_DATA = {
    0: (1, 2, 1, 2, 3),
    TO_DS: (1, 2, 3, 2, 1),
    FROM_DS: (1, 2, 1, 3, 2),
    TO_DS | FROM_DS: (1, 2, 3, 4, 0),
}
_RECEIVER = (1, 0, 0, 0, 0)
_PAIR = (1, 2, 0, 0, 0)
_PAIR_TO_BSS = (1, 2, 0, 0, 1)
_PAIR_FROM_BSS = (1, 2, 0, 0, 2)
_NOTHING = (0, 0, 0, 0, 0)

_CONTROL: dict[int, tuple[int, tuple[int, ...]]] = {
    kinds.TRIGGER: (16, _PAIR),
    kinds.TACK: (16, _PAIR),
    kinds.BEAMFORMING_POLL: (16, _PAIR),
    kinds.NDP_ANNOUNCEMENT: (16, _PAIR),
    kinds.CONTROL_EXTENSION: (16, _PAIR),
    kinds.CONTROL_WRAPPER: (16, _RECEIVER),
    kinds.BLOCK_ACK_REQ: (16, _PAIR),
    kinds.BLOCK_ACK: (16, _PAIR),
    kinds.PS_POLL: (16, _PAIR_TO_BSS),
    kinds.RTS: (16, _PAIR),
    kinds.CTS: (10, _RECEIVER),
    kinds.ACK: (10, _RECEIVER),
    kinds.CF_END: (16, _PAIR_FROM_BSS),
    kinds.CF_END_ACK: (16, _PAIR_FROM_BSS),
}
"""Header length in bytes and roles of control frames (9.3.1)."""

_CARRIED_TRANSMITTER = np.array(
    [_CONTROL.get(kind, (10, _RECEIVER))[1][1] == 2 for kind in range(kinds.KINDS)]
)
"""By kind: a wrapped frame of this kind has a second address."""


class Shape(NamedTuple):
    """
    What Frame Control says of a header.

    Attributes:
        header_bytes: its length.
        roles: the address field that plays each of `ROLES`.
        numbered: it has Sequence Control.
        tid_at: where QoS Control begins, 0 if there is none.
        wraps: it is that of a control wrapper.
    """

    header_bytes: int
    roles: tuple[int, ...]
    numbered: bool = False
    tid_at: int = 0
    wraps: bool = False


_UNKNOWN = Shape(2, _NOTHING)
"""No address has a role: extension frames, and what cannot be used."""


_DECIDING = TO_DS | FROM_DS | ORDER
"""The flags that change a header's shape."""


def _shape(kind: int, flags: int) -> Shape:
    """The shape of a header with this Frame Control."""
    if kind < 0x10:  # 9.2.4.1.10: +HTC
        return Shape(28 if flags & ORDER else 24, _MANAGEMENT, numbered=True)
    if kind < 0x20:
        length, fields = _CONTROL.get(kind, (10, _RECEIVER))
        return Shape(length, fields, wraps=kind == kinds.CONTROL_WRAPPER)
    if kind >= 0x30:
        return _UNKNOWN
    four = flags & (TO_DS | FROM_DS) == TO_DS | FROM_DS
    plain_bytes = 30 if four else 24
    fields = _DATA[flags & (TO_DS | FROM_DS)]
    if not kind & 0x08:
        return Shape(plain_bytes, fields, numbered=True)
    more_bytes = 6 if flags & ORDER else 2
    return Shape(plain_bytes + more_bytes, fields, numbered=True, tid_at=plain_bytes)


def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint8], list[Shape]]:
    """By Frame Control: kind, number of the shape; and the shapes, unknown first."""
    shapes = {_UNKNOWN: 0}
    deciding = np.array([flags for flags in range(256) if not flags & ~_DECIDING])
    numbers = np.array(
        [
            [
                shapes.setdefault(_shape(kind, flags), len(shapes))
                for flags in deciding.tolist()
            ]
            for kind in range(0x40)
        ],
        np.uint8,
    )
    control = np.arange(0x10000)
    kind_of = (control >> 2 & 3) << 4 | (control >> 4 & 15)
    place = np.searchsorted(deciding, control >> 8 & _DECIDING)
    return kind_of.astype(np.uint8), numbers[kind_of, place], list(shapes)


_KIND, _SHAPE, _SHAPES = _tables()
_HEADER_BYTES = np.array([shape.header_bytes for shape in _SHAPES], np.int64)
_ROLES = np.array([shape.roles for shape in _SHAPES], np.intp).T
_NUMBERED = np.array([shape.numbered for shape in _SHAPES])
_TID_AT = np.array([shape.tid_at for shape in _SHAPES])
_WRAPPER = next(number for number, shape in enumerate(_SHAPES) if shape.wraps)
_FOUR = (_ROLES == 4).any(axis=0)

HEAD_BYTES = 32
"""What is fetched of each frame: up to a fourth address and QoS Control."""


def fill(gather: Gather, columns: Columns) -> None:
    """
    Decode the MAC headers that begin at ``start``.

    Sets version, kind, flags, duration, the five addresses, sequence, fragment, tid,
    body_start and body_length; `SHORT_HEADER` and `BAD_VERSION` where they apply.
    """
    start, length = columns["start"], columns["length"]
    linked = (columns["malformed"] & BAD_LINK) == 0
    start = np.where(linked, start, 0)
    head = gather.strip(start, HEAD_BYTES)
    control = head.le16().copy()
    known = linked & (length >= 2)
    shape, version = _SHAPE[control], head.u8() & 3
    foreign = known & (version != 0)
    need = _HEADER_BYTES[shape]
    wrapped, carried = _find_wrapped(head, known & ~foreign, shape, length)
    if len(wrapped):
        need[wrapped] += np.where(_CARRIED_TRANSMITTER[carried], 6, 0)
    _add_padding(columns, need, length)
    short = linked & ~foreign & (length < need)
    _mark(columns, foreign, BAD_VERSION)
    _mark(columns, short, SHORT_HEADER)
    columns["version"] = version
    columns["kind"], columns["flags"] = _KIND[control], head.u8(1).copy()
    columns["duration"] = head.le16(2).copy()
    columns["body_start"], columns["body_length"] = start + need, length - need
    usable = known & ~foreign & ~short
    _forget(columns, shape, known, usable)
    _fill_addresses(head, columns, shape)
    _fill_sequence(head, columns, shape)
    if len(wrapped):
        whole = usable[wrapped]
        _fill_wrapped(gather, columns, wrapped[whole], carried[whole])


def _add_padding(
    columns: Columns, need: NDArray[np.int64], length: NDArray[np.int64]
) -> None:
    padded = (columns["radio_flags"] & RADIO_DATA_PAD) != 0
    if padded.any():
        # A frame without a body ends with its header and has no padding behind it.
        room = np.maximum(length[padded], need[padded])
        need[padded] = np.minimum((need[padded] + 3) // 4 * 4, room)


def _mark(columns: Columns, which: NDArray[np.bool_], bit: int) -> None:
    if which.any():
        columns["malformed"][which] |= np.uint16(bit)


def _forget(
    columns: Columns,
    shape: NDArray[np.uint8],
    known: NDArray[np.bool_],
    usable: NDArray[np.bool_],
) -> None:
    """Take back what was read where there is no such field."""
    if not usable.all():
        unknown = ~known
        for name in ("version", "kind"):
            columns[name][unknown] = NO_U8
        columns["flags"][unknown] = 0
        columns["body_length"][~usable] = 0
        shape[~usable] = 0
    columns["duration"][shape == 0] = 0


def _fill_addresses(head: Strip, columns: Columns, shape: NDArray[np.uint8]) -> None:
    rows = len(shape)
    four = bool(_FOUR[shape].any())
    fields = np.empty((5 if four else 4, rows), np.uint64)
    fields[0] = NO_ADDRESS
    for index, place in ((1, 4), (2, 10), (3, 16), (4, 24))[: len(fields) - 1]:
        fields[index] = head.address(place)
    flat, row = fields.reshape(-1), np.arange(rows)
    for role, numbers in zip(ROLES, _ROLES, strict=True):
        where = (numbers * rows)[shape]
        where += row
        columns[role] = flat.take(where)


def _fill_sequence(head: Strip, columns: Columns, shape: NDArray[np.uint8]) -> None:
    numbered = _NUMBERED[shape]
    control = head.le16(22).copy()
    columns["sequence"] = np.where(numbered, control >> 4, np.uint16(NO_SEQUENCE))
    columns["fragment"] = np.where(numbered, head.u8(22) & 15, np.uint8(0))
    for place in (24, 30):
        rows = np.flatnonzero(np.equal(_TID_AT, place)[shape])
        if len(rows):
            columns["tid"][rows] = head.u8(place)[rows] & 15


def _find_wrapped(
    head: Strip,
    usable: NDArray[np.bool_],
    shape: NDArray[np.uint8],
    length: NDArray[np.int64],
) -> tuple[Rows, NDArray[np.uint8]]:
    """Rows of control wrappers, and the kind of frame that each carries (9.3.1.9)."""
    rows = np.flatnonzero(shape == _WRAPPER)
    rows = rows[usable[rows] & (length[rows] >= _HEADER_BYTES[_WRAPPER])]
    return rows, _KIND[head.le16(10)[rows]]


def _fill_wrapped(
    gather: Gather,
    columns: Columns,
    rows: Rows,
    carried: NDArray[np.uint8],
) -> None:
    """Transmitter of the frame in a control wrapper, behind HT Control; its BSSID."""
    has = _CARRIED_TRANSMITTER[carried]
    rows, carried = rows[has], carried[has]
    columns["transmitter"][rows] = gather.address(columns["start"][rows] + 16)
    to_bss = rows[carried == kinds.PS_POLL]
    columns["bssid"][to_bss] = columns["receiver"][to_bss]
    from_bss = rows[np.isin(carried, (kinds.CF_END, kinds.CF_END_ACK))]
    columns["bssid"][from_bss] = columns["transmitter"][from_bss]
