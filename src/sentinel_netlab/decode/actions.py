"""
Action frames: category, action and the fixed fields that detectors use.

Source: IEEE Std 802.11-2020, 9.6; the fields are listed in ``action_fields``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core import kinds
from sentinel_netlab.core.actions import (
    NO_VALUE,
    PROTECTED_DUAL_PUBLIC,
    PUBLIC,
    VENDOR,
    VENDOR_PROTECTED,
    ActionRows,
)
from sentinel_netlab.core.frames import BAD_ACTION, NO_HEADER, PROTECTED
from sentinel_netlab.decode import tlv
from sentinel_netlab.decode.action_fields import (
    ACTIONS,
    ADDRESS_BYTES,
    CHANNEL_SWITCH,
    CSA_BYTES,
    CSA_ELEMENT,
    OUI_BYTES,
    PUBLIC_VENDOR,
    PUBLIC_VENDOR_OUI_AT,
    VENDOR_OUI_AT,
    Action,
    Field,
)
from sentinel_netlab.decode.gather import Gather, Offsets

Columns = dict[str, NDArray[Any]]
Rows = NDArray[np.intp]

ERROR = 0x80
"""High bit of a category: the receiver sends back what it did not take (9.4.1.11)."""

_IS_ACTION = np.isin(np.arange(256), (kinds.ACTION, kinds.ACTION_NO_ACK))

_KNOWN_PAIRS = {
    category << 16 | action for category, action in (CHANNEL_SWITCH, *ACTIONS)
}


def rows(gather: Gather, columns: Columns) -> ActionRows:
    """
    The action frames of the block; sets `BAD_ACTION` where one ends inside its fields.
    """
    found = np.flatnonzero(_IS_ACTION[columns["kind"]])
    if not len(found):
        return ActionRows.empty()
    found = found[(columns["malformed"][found] & NO_HEADER) == 0]
    table = ActionRows.blank_columns(len(found))
    table["row"][:] = found
    table["protected"][:] = (columns["flags"][found] & PROTECTED) != 0
    plain = np.flatnonzero(~table["protected"])
    at, size = columns["body_start"][found], columns["body_length"][found]
    bad = np.zeros(len(found), np.bool_)
    bad[plain] = _fill(gather, table, plain, at[plain], size[plain])
    bad &= ~columns["snapped"][found]
    columns["malformed"][found[bad]] |= BAD_ACTION
    return ActionRows(**table)


def _fill(
    gather: Gather, table: Columns, which: Rows, at: Offsets, size: Offsets
) -> NDArray[np.bool_]:
    """
    Read the plain frames at places *which* of the table.

    Args:
        at: offsets of the category; size: bytes from there on.

    Returns:
        Which of them end inside their fields.
    """
    first = gather.u8(at).astype(np.uint16)
    category = np.where(size >= 1, first & 0x7F, np.uint16(NO_VALUE))
    of_vendor = (category == VENDOR) | (category == VENDOR_PROTECTED)
    acts = (size >= 2) & ~of_vendor
    action = np.where(acts, gather.u8(at + 1).astype(np.uint16), np.uint16(NO_VALUE))
    table["category"][which] = category
    table["error"][which] = (size >= 1) & ((first & ERROR) != 0)
    table["action"][which] = action
    bad: NDArray[np.bool_] = (size < 2) & ~of_vendor
    bad |= _fill_oui(gather, table, which, (at, size), (of_vendor, VENDOR_OUI_AT))
    public = (category == PUBLIC) | (category == PROTECTED_DUAL_PUBLIC)
    public &= action == PUBLIC_VENDOR
    bad |= _fill_oui(gather, table, which, (at, size), (public, PUBLIC_VENDOR_OUI_AT))
    pairs = category.astype(np.uint32) << np.uint32(16) | action
    for pair in _KNOWN_PAIRS & set(pairs.tolist()):
        mine = np.flatnonzero(pairs == pair)
        body = at[mine], size[mine]
        key = pair >> 16, pair & 0xFFFF
        if key == CHANNEL_SWITCH:
            bad[mine] |= _fill_csa(gather, table, which[mine], *body)
        else:
            bad[mine] |= _fill_fields(gather, table, which[mine], ACTIONS[key], body)
    return bad


def _fill_oui(
    gather: Gather,
    table: Columns,
    which: Rows,
    body: tuple[Offsets, Offsets],
    where: tuple[NDArray[np.bool_], int],
) -> NDArray[np.bool_]:
    """OUI of the frames that have one at an offset; says which end inside it."""
    (at, size), (has, offset) = body, where
    short = has & (size < offset + OUI_BYTES)
    there = has & ~short
    table["oui"][which[there]] = gather.be32(at[there] + offset) >> np.uint32(8)
    return short


def _fill_fields(
    gather: Gather,
    table: Columns,
    which: Rows,
    action: Action,
    body: tuple[Offsets, Offsets],
) -> NDArray[np.bool_]:
    """Fields of frames of one action; says which end inside them."""
    at, size = body
    for field in action.fields:
        there = size >= field.offset + field.size
        table[field.column][which[there]] = _read(gather, field, at[there])
    short: NDArray[np.bool_] = size < action.least_bytes
    return short


def _read(gather: Gather, field: Field, at: Offsets) -> NDArray[Any]:
    if field.size == ADDRESS_BYTES:
        return gather.address(at + field.offset)
    if field.size == 1:
        return gather.u8(at + field.offset)
    return (gather.le16(at + field.offset) >> field.shift) & field.mask


def _fill_csa(
    gather: Gather, table: Columns, which: Rows, at: Offsets, size: Offsets
) -> NDArray[np.bool_]:
    """Channel and count of the CSA element; says which frames have none."""

    def is_csa(place: Offsets) -> NDArray[np.bool_]:
        long_enough = gather.u8(place + 1) >= CSA_BYTES
        csa: NDArray[np.bool_] = (gather.u8(place) == CSA_ELEMENT) & long_enough
        return csa

    element = tlv.find(gather, at + 2, at + size, is_csa)
    there = element >= 0
    table["new_channel"][which[there]] = gather.u8(element[there] + 3)
    table["switch_count"][which[there]] = gather.u8(element[there] + 4)
    return ~there
