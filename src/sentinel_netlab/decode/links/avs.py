"""
LINKTYPE_IEEE802_11_AVS (163): the AVS WLAN Monitoring header, big-endian.

Source: "Capture Frame Format", AbsoluteValue Systems; versions 1 and 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.frames import BAD_LINK
from sentinel_netlab.decode.gather import Gather
from sentinel_netlab.decode.links.channels import channels_of, frequency_of
from sentinel_netlab.decode.links.plain import place_frame

Columns = dict[str, NDArray[Any]]

MAGIC = 0x80211000
HEADER_BYTES = 64
SIGNAL_IS_DBM = 3
FHSS = 1
FREQUENCY = np.array([frequency_of(channel) for channel in range(256)], np.uint16)


def is_avs(gather: Gather, start: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the magic number of an AVS header stands at *start*."""
    found: NDArray[np.bool_] = (gather.be32(start) & 0xFFFFF000) == MAGIC
    return found


def fill(gather: Gather, columns: Columns, rows: NDArray[np.intp]) -> None:
    """Place the frames of *rows* and read their AVS headers."""
    start, length = columns["packet_start"][rows], columns["packet_length"][rows]
    size = gather.be32(start + 4).astype(np.int64)
    good = (length >= HEADER_BYTES) & is_avs(gather, start)
    good &= (size >= HEADER_BYTES) & (size <= length)
    columns["malformed"][rows[~good]] |= BAD_LINK
    rows, start, size = rows[good], start[good], size[good]
    if not len(rows):
        return
    columns["tsft_us"][rows] = gather.be64(start + 8)
    number = gather.be32(start + 28)
    # Later drivers put MHz where the format says channel number.
    known = np.where(number < 256, FREQUENCY[np.minimum(number, 255)], number)
    frequency = np.where((number < 65536), known, 0).astype(np.uint16)
    columns["frequency_mhz"][rows] = frequency
    columns["channel"][rows] = channels_of(frequency)
    rate = gather.be32(start + 32)
    columns["rate_kbps"][rows] = np.where(rate < 50_000, rate * 100, 0)
    dbm = gather.be32(start + 44) == SIGNAL_IS_DBM
    for name, offset in (("signal_dbm", 48), ("noise_dbm", 52)):
        level = gather.be32(start + offset).view(np.int32)
        heard = dbm & (level < 0) & (level > -128)
        columns[name][rows[heard]] = level[heard]
    place_frame(columns, rows, size, columns["fcs_bytes"][rows])
