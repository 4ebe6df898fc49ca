"""
LINKTYPE_IEEE802_11_RADIOTAP (127): radiotap, decoded by groups of equal layout.

Rows whose present words are equal have every field at the same place, so a block costs
a few gathers per group.  Where fields lie is worked out once per sequence of present
words.  Source: radiotap.org.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.frames import BAD_LINK
from sentinel_netlab.decode.gather import Gather, all_or
from sentinel_netlab.decode.links import radiotap_values as values
from sentinel_netlab.decode.links.plain import place_frame
from sentinel_netlab.decode.links.radiotap_fields import (
    EXTENDED_BIT,
    FIELDS,
    FLAG_FCS_AT_END,
    MAX_PRESENT_WORDS,
    RADIOTAP_BIT,
    TLV_BIT,
    VENDOR_BIT,
)

Columns = dict[str, NDArray[Any]]
Rows = NDArray[np.intp]

HEADER_BYTES = 8
USUAL_LAYOUTS = 8
"""Layouts of a block that are looked for one by one; only noise has more."""

_EXTENDED = np.uint32(1 << EXTENDED_BIT)


class Place(NamedTuple):
    """Where a field lies: bytes from the start of the radiotap header."""

    name: str
    offset: int
    size: int
    namespace: int


class Layout(NamedTuple):
    """
    Fields of one sequence of present words.

    Attributes:
        end: offset behind the last field.
        vendor_at: where the next vendor field lies, if the layout cannot be known
            further without the skip length in it; else -1.
        tlvs: TLVs follow at `end`.
    """

    places: tuple[Place, ...]
    end: int
    vendor_at: int
    tlvs: bool


def fill(gather: Gather, columns: Columns, rows: Rows) -> None:
    """Place the frames of *rows* and read what their radiotap headers say."""
    count = len(columns["packet_start"])
    which = all_or(rows, count)
    start, length = columns["packet_start"][which], columns["packet_length"][which]
    head = gather.strip(start, HEADER_BYTES)
    size = head.le16(2).astype(np.int64)
    good = (length >= HEADER_BYTES) & (head.u8() == 0)
    good &= (size >= HEADER_BYTES) & (size <= length)
    present = head.le32(4).copy()
    if not good.all():
        columns["malformed"][rows[~good]] |= BAD_LINK
        rows, start, size = rows[good], start[good], size[good]
        if not len(rows):
            return
        present = present[good]
        which = rows
    flags = np.zeros(count, np.uint8)
    for members, words in _groups(gather, present, start, size):
        some = which if len(members) == len(rows) else rows[members]
        here = all_or(members, len(rows))
        found = values.Headers(gather, columns, flags, some, start[here], size[here])
        _read_group(found, words)
    said = flags[which]
    fcs = np.where(said & FLAG_FCS_AT_END, 4, columns["fcs_bytes"][which])
    place_frame(columns, rows, size, fcs)
    values.apply_flags(columns, which, said)


def _groups(
    gather: Gather,
    present: NDArray[np.uint32],
    start: NDArray[np.int64],
    size: NDArray[np.int64],
) -> Iterator[tuple[Rows, tuple[int, ...]]]:
    """Positions with equal present words; broken chains of words have no words."""
    words = [present]
    more = (present & _EXTENDED) != 0
    broken = np.zeros(len(start), np.bool_)
    while more.any():
        at = HEADER_BYTES + 4 * (len(words) - 1)
        broken |= more & (size < at + 4)
        more &= ~broken
        if len(words) >= MAX_PRESENT_WORDS:
            broken |= more
            break
        following = np.where(more, gather.le32(start + np.where(more, at, 0)), 0)
        words.append(following.astype(np.uint32))
        more = (following & _EXTENDED) != 0
    table = np.stack(words)
    table[:, broken] = 0
    return _grouped(table)


def _grouped(table: NDArray[np.uint32]) -> Iterator[tuple[Rows, tuple[int, ...]]]:
    """Positions of equal columns of *table*, and what stands in them."""
    left = np.arange(table.shape[1])
    for _ in range(USUAL_LAYOUTS):
        words = table[:, :1]
        same = (table == words).all(axis=0)
        yield left[same], _chain(words[:, 0].tolist())
        table, left = table[:, ~same], left[~same]
        if not len(left):
            return
    order = np.lexsort(table)
    ordered = table[:, order]
    changed = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    for members in np.split(order, np.flatnonzero(changed) + 1):
        yield left[members], _chain(table[:, members[0]].tolist())


def _chain(words: list[int]) -> tuple[int, ...]:
    """The words up to the first that has no successor."""
    for index, word in enumerate(words):
        if not word >> EXTENDED_BIT:
            return tuple(words[: index + 1])
    return tuple(words)


def _read_group(headers: values.Headers, words: tuple[int, ...]) -> None:
    """Read headers of one sequence of present words."""
    layout = layout_of(words, ())
    if layout.vendor_at < 0:
        _read_fields(headers, layout)
        return
    for header in headers.one_by_one():
        _read_fields(header, _with_skips(header, words))


def _read_fields(headers: values.Headers, layout: Layout) -> None:
    for place in layout.places:
        headers.read(place.name, place.offset, place.size, place.namespace)
    if layout.tlvs:
        headers.read_tlvs(layout.end)


def _with_skips(header: values.Headers, words: tuple[int, ...]) -> Layout:
    """The layout of one header with vendor namespaces, whose lengths are in it."""
    skips: list[int] = []
    layout = layout_of(words, ())
    while layout.vendor_at >= 0 and header.reach(layout.vendor_at + 6):
        skips.append(header.number_at(layout.vendor_at + 4))
        layout = layout_of(words, tuple(skips))
    return layout


@lru_cache(maxsize=1024)
def layout_of(words: tuple[int, ...], skips: tuple[int, ...]) -> Layout:
    """
    Where the fields of a header with these present *words* lie.

    Args:
        skips: skip lengths of its vendor namespaces, as far as they are known.
    """
    places: list[Place] = []
    at = 4 + 4 * len(words)
    namespace, vendor, known = 0, False, list(skips)
    tlvs = False
    for word in words:
        if not vendor:
            for bit in range(TLV_BIT):
                if not word >> bit & 1:
                    continue
                field = FIELDS.get(bit)
                if field is None:
                    return Layout(tuple(places), at, -1, tlvs=False)
                at = -(-at // field.align) * field.align
                places.append(Place(field.name, at, field.size, namespace))
                at += field.size
            tlvs |= bool(word >> TLV_BIT & 1)
        if word >> VENDOR_BIT & 1:
            at = -(-at // 2) * 2
            if not known:
                return Layout(tuple(places), at, at, tlvs=False)
            at += 6 + known.pop(0)
            vendor = True
        elif word >> RADIOTAP_BIT & 1:
            vendor = False
            namespace += 1
        elif not vendor:
            # A further word without a reset holds bits 32 and up: none is defined.
            break
    return Layout(tuple(places), at, -1, tlvs)
