"""
Protected frames: shape of the IV, key id, packet number.

Source: IEEE Std 802.11-2020, 12.3.2.2 (WEP), 12.5.2.2 (TKIP), 12.5.3.2 (CCMP), 12.5.5.2
(GCMP, the same layout as CCMP).

An extended IV does not name its cipher.  The third byte of a CCMP header is reserved
and zero; the second byte of a TKIP header follows from the first.  One TKIP frame in
256 (TSC0 is zero) and one CCMP frame in 256 satisfy both rules; they count as CCMP,
because it is the usual cipher: of 56 such frames of the shared captures 51 belong to
pairs that use CCMP otherwise.  What satisfies neither rule (bit errors, noise of a
fuzzer) has no IV that we know, and all three columns stay missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core import kinds
from sentinel_netlab.core.frames import (
    IV_CCMP,
    IV_TKIP,
    IV_WEP,
    NO_HEADER,
    PROTECTED,
    SHORT_BODY,
)
from sentinel_netlab.decode.gather import Gather, Strip, all_or

Columns = dict[str, NDArray[Any]]
Rows = NDArray[np.intp]

EXTENDED_IV = 0x20
"""Bit 5 of the byte with the key id (12.5.2.2)."""

WEP_IV_BYTES = 4
EXTENDED_IV_BYTES = 8

_NULL = 0x04
"""Subtype bit of data frames without a body."""

_ROBUST = (
    kinds.DISASSOC,
    kinds.AUTH,
    kinds.DEAUTH,
    kinds.ACTION,
    kinds.ACTION_NO_ACK,
)
"""Robust management (12.2.8), and the third message of shared key authentication."""

_CAN_BE_PROTECTED = np.array(
    [
        (kind >> 4 == 2 and not kind & _NULL) or kind in _ROBUST  # data with a body
        for kind in range(256)
    ]
)


def fill(gather: Gather, columns: Columns) -> None:
    """
    Set iv, key_id and packet_number of frames with the Protected bit.

    A frame that ends inside its IV gets `SHORT_BODY`, unless the capture cut it.
    """
    may_be = _CAN_BE_PROTECTED[columns["kind"]]
    may_be &= (columns["flags"] & PROTECTED) != 0
    rows = np.flatnonzero(may_be)
    usable = (columns["malformed"][rows] & NO_HEADER) == 0
    if not usable.all():
        rows = rows[usable]
    if not len(rows):
        return
    head = gather.strip(columns["body_start"][rows], EXTENDED_IV_BYTES)
    size = columns["body_length"][rows]
    there = size >= WEP_IV_BYTES
    extended = there & ((head.u8(3) & EXTENDED_IV) != 0)
    whole = there & (~extended | (size >= EXTENDED_IV_BYTES))
    if not whole.all():
        _mark_short(columns, rows[~whole])
    for fill_one, among in (
        (_fill_wep, there & ~extended),
        (_fill_extended, extended & whole),
    ):
        places = np.flatnonzero(among)
        if len(places):
            which = all_or(places, len(rows))
            fill_one(head.of(which), columns, rows[which])


def _mark_short(columns: Columns, rows: Rows) -> None:
    uncut = rows[~columns["snapped"][rows]]
    columns["malformed"][uncut] |= SHORT_BODY


def _fill_wep(head: Strip, columns: Columns, rows: Rows) -> None:
    """The 24-bit IV as a number, first byte highest."""
    columns["iv"][rows] = IV_WEP
    columns["key_id"][rows] = head.u8(3) >> 6
    columns["packet_number"][rows] = head.be32() >> np.uint32(8)


def _fill_extended(head: Strip, columns: Columns, rows: Rows) -> None:
    first, second, third = head.u8(0), head.u8(1), head.u8(2)
    ccmp = third == 0
    number = head.le32(4).astype(np.uint64) << np.uint64(16)
    key_id = head.u8(3) >> 6
    # CCMP begins PN0 PN1 Rsvd; TKIP begins TSC1 WEPSeed[1] TSC0.
    if ccmp.all():
        columns["iv"][rows] = IV_CCMP
        number |= head.le16()
    else:
        tkip = second == ((first | 0x20) & 0x7F)  # WEPSeed[1] of 12.5.2.2
        of_tkip = third | first.astype(np.uint16) << np.uint16(8)
        number |= np.where(ccmp, head.le16(), of_tkip)
        known = ccmp | tkip
        rows, number, key_id = rows[known], number[known], key_id[known]
        columns["iv"][rows] = np.where(ccmp[known], IV_CCMP, IV_TKIP)
    columns["key_id"][rows] = key_id
    columns["packet_number"][rows] = number
