"""
LINKTYPE_PPI (192): Per-Packet Information.

Source: CACE PPI Header format 1.0.7; all numbers are little-endian.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.frames import (
    BAD_LINK,
    RADIO_AMPDU,
    RADIO_FCS_AT_END,
)
from sentinel_netlab.decode.gather import Gather
from sentinel_netlab.decode.links.channels import channels_of
from sentinel_netlab.decode.links.plain import place_frame

Columns = dict[str, NDArray[Any]]

HEADER_BYTES = 8
INNER_80211 = 105
COMMON, MAC_EXTENSIONS = 2, 3
COMMON_BYTES, MAC_BYTES = 20, 12
MOST_FIELDS = 32
FCS_PRESENT, BAD_FCS = 0x0001, 0x0004
NO_SIGNAL = -128


def fill(gather: Gather, columns: Columns, rows: NDArray[np.intp]) -> None:
    """Place the frames of *rows* and read the common field of their PPI headers."""
    start, length = columns["packet_start"][rows], columns["packet_length"][rows]
    size = gather.le16(start + 2).astype(np.int64)
    good = (length >= HEADER_BYTES) & (gather.u8(start) == 0)
    good &= (size >= HEADER_BYTES) & (size <= length)
    good &= gather.le32(start + 4) == INNER_80211
    columns["malformed"][rows[~good]] |= BAD_LINK
    rows, start, size = rows[good], start[good], size[good]
    if not len(rows):
        return
    fcs = np.zeros(len(rows), np.int64)
    at = np.full(len(rows), HEADER_BYTES, np.int64)
    for _ in range(MOST_FIELDS):
        inside = np.flatnonzero(at + 4 <= size)
        if not len(inside):
            break
        place = start[inside] + at[inside]
        kind, extent = gather.le16(place), gather.le16(place + 2).astype(np.int64)
        whole = at[inside] + 4 + extent <= size[inside]
        common = whole & (kind == COMMON) & (extent >= COMMON_BYTES)
        chosen = inside[common]
        fcs[chosen] = _common(gather, columns, rows[chosen], place[common] + 4)
        aggregate = whole & (kind == MAC_EXTENSIONS) & (extent >= MAC_BYTES)
        _aggregate(gather, columns, rows[inside[aggregate]], place[aggregate] + 4)
        at[inside] += 4 + extent
    place_frame(columns, rows, size, fcs)


def _common(
    gather: Gather, columns: Columns, rows: NDArray[np.intp], at: NDArray[np.int64]
) -> NDArray[np.int64]:
    """802.11-Common (3.2.2): TSF, flags, rate, channel, signal, noise; FCS bytes."""
    flags = gather.le16(at + 8)
    columns["tsft_us"][rows] = gather.le64(at)
    columns["rate_kbps"][rows] = gather.le16(at + 10).astype(np.uint32) * 500
    frequency = gather.le16(at + 12)
    columns["frequency_mhz"][rows] = frequency
    columns["channel"][rows] = channels_of(frequency)
    for name, offset in (("signal_dbm", 18), ("noise_dbm", 19)):
        level = gather.i8(at + offset).astype(np.int16)
        heard = (level != NO_SIGNAL) & (level != 0)
        columns[name][rows[heard]] = level[heard]
    columns["bad_fcs"][rows] = (flags & BAD_FCS) != 0
    present = (flags & FCS_PRESENT) != 0
    columns["radio_flags"][rows[present]] |= np.uint16(RADIO_FCS_AT_END)
    return np.where(present, 4, 0)


def _aggregate(
    gather: Gather, columns: Columns, rows: NDArray[np.intp], at: NDArray[np.int64]
) -> None:
    """802.11n MAC Extensions (3.2.3): the A-MPDU number."""
    columns["ampdu_reference"][rows] = gather.le32(at + 4)
    columns["radio_flags"][rows] |= np.uint16(RADIO_AMPDU)
