"""
Management frames: fixed fields and information elements (IEEE Std 802.11-2020, 9.3.3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core import kinds
from sentinel_netlab.core.elements import Elements
from sentinel_netlab.core.frames import (
    BAD_ELEMENT,
    NO_HEADER,
    PROTECTED,
    SHORT_BODY,
)
from sentinel_netlab.decode.distinct import first_equals
from sentinel_netlab.decode.elements import ElementCache
from sentinel_netlab.decode.gather import Gather, Offsets, all_or

Columns = dict[str, NDArray[Any]]
Rows = NDArray[np.intp]
Reader = Callable[[int], NDArray[Any]]

FIXED_BYTES = {
    kinds.ASSOC_REQ: 4,
    kinds.ASSOC_RESP: 6,
    kinds.REASSOC_REQ: 10,
    kinds.REASSOC_RESP: 6,
    kinds.PROBE_REQ: 0,
    kinds.PROBE_RESP: 12,
    kinds.BEACON: 12,
    kinds.DISASSOC: 2,
    kinds.AUTH: 6,
    kinds.DEAUTH: 2,
}
"""Bytes of fixed fields before the elements."""

FIELDS: tuple[tuple[tuple[int, ...], tuple[tuple[str, int, int], ...]], ...] = (
    (
        kinds.ADVERTISING,
        (("tsf_us", 0, 8), ("interval_tu", 8, 2), ("capability", 10, 2)),
    ),
    ((kinds.ASSOC_REQ, kinds.REASSOC_REQ), (("capability", 0, 2),)),
    (
        (kinds.ASSOC_RESP, kinds.REASSOC_RESP),
        (("capability", 0, 2), ("status", 2, 2)),
    ),
    ((kinds.DISASSOC, kinds.DEAUTH), (("reason", 0, 2),)),
    (
        (kinds.AUTH,),
        (("auth_algorithm", 0, 2), ("auth_transaction", 2, 2), ("status", 4, 2)),
    ),
)
"""Kinds, and column, offset and size in bytes of each of their fixed fields (9.4.1)."""

STRIP_BYTES = 16
"""The fixed fields that we read lie in so many bytes."""

SAE = 3
"""Authentication algorithm whose body is no element string (9.4.1.1)."""

_FIXED = np.zeros(256, np.int64)
_FIXED[list(FIXED_BYTES)] = list(FIXED_BYTES.values())
_HAS_FIXED = np.isin(np.arange(256), list(FIXED_BYTES))


def fill(gather: Gather, columns: Columns, cache: ElementCache) -> tuple[Elements, ...]:
    """
    Decode fixed fields; parse elements; give the distinct element sets of the block.

    Protected bodies are left alone.  ``channel`` is what the elements announce
    where the radio named none.
    """
    rows = np.flatnonzero(_HAS_FIXED[columns["kind"]])
    usable = (columns["malformed"][rows] & NO_HEADER) == 0
    usable &= (columns["flags"][rows] & PROTECTED) == 0
    if not usable.all():
        rows = rows[usable]
    kind = columns["kind"][rows]
    fixed = _FIXED[kind]
    short = columns["body_length"][rows] < fixed
    if short.any():
        cut = rows[short]
        columns["malformed"][cut[~columns["snapped"][cut]]] |= SHORT_BODY
        rows, kind, fixed = rows[~short], kind[~short], fixed[~short]
    if not len(rows):
        return ()
    _fill_fields(gather, columns, rows, kind)
    return _fill_elements(gather, columns, rows, fixed, cache)


def _fill_fields(
    gather: Gather, columns: Columns, rows: Rows, kind: NDArray[np.uint8]
) -> None:
    strip = gather.strip(columns["body_start"][rows], STRIP_BYTES)
    readers: dict[int, Reader] = {2: strip.le16, 8: strip.le64}
    there = set(np.flatnonzero(np.bincount(kind)).tolist())
    for among, fields in FIELDS:
        if there.isdisjoint(among):
            continue
        places = np.flatnonzero(np.logical_or.reduce([kind == one for one in among]))
        which = all_or(places, len(rows))
        for name, offset, size in fields:
            columns[name][rows[which]] = readers[size](offset)[which]


def _fill_elements(
    gather: Gather,
    columns: Columns,
    rows: Rows,
    fixed: NDArray[np.int64],
    cache: ElementCache,
) -> tuple[Elements, ...]:
    # Most goodbyes end with the reason; only a longer one has elements to look at.
    kind, body_bytes = columns["kind"][rows], columns["body_length"][rows]
    with_elements = (kind != kinds.DEAUTH) & (kind != kinds.DISASSOC)
    with_elements |= body_bytes > fixed
    with_elements &= columns["auth_algorithm"][rows] != SAE
    if not with_elements.all():
        rows, fixed = rows[with_elements], fixed[with_elements]
        body_bytes = body_bytes[with_elements]
    if not len(rows):
        return ()
    at = columns["body_start"][rows] + fixed
    snapped = columns["snapped"][rows]
    numbers, sets = _interned(gather, at, body_bytes - fixed, snapped, cache)
    columns["elements"][rows] = numbers
    bad = np.array([_is_damaged(elements) for elements in sets])
    if bad.any():
        columns["malformed"][rows[bad[numbers]]] |= BAD_ELEMENT
    silent = columns["channel"][rows] == 0
    if silent.any():
        announced = [elements.announced_channel or 0 for elements in sets]
        channels = np.array(announced, np.uint16)
        columns["channel"][rows[silent]] = channels[numbers[silent]]
    return sets


def _is_damaged(elements: Elements) -> bool:
    # Bytes left over behind the last element are mostly an FCS that nobody announced.
    faults = elements.faults
    return bool(faults) and any(fault.kind != "trailing" for fault in faults)


def _interned(
    gather: Gather,
    at: Offsets,
    size: Offsets,
    snapped: NDArray[np.bool_],
    cache: ElementCache,
) -> tuple[NDArray[np.int32], tuple[Elements, ...]]:
    """For each row the number of its element set, and the sets, in order of arrival."""
    every = np.arange(len(at))
    first = first_equals(gather, at, size)
    first = np.where(snapped[first] == snapped, first, every)
    rows = np.flatnonzero(first == every)
    known: dict[tuple[bytes, bool], int] = {}
    number = np.empty(len(at), np.int32)
    number[rows] = [
        known.setdefault((gather.raw[start:end].tobytes(), truncated), len(known))
        for start, end, truncated in zip(
            at[rows].tolist(),
            (at + size)[rows].tolist(),
            snapped[rows].tolist(),
            strict=True,
        )
    ]
    sets = tuple([cache.intern(text, truncated=cut) for text, cut in known])
    return number[first], sets
