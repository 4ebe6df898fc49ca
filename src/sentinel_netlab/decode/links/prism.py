"""
LINKTYPE_IEEE802_11_PRISM (119): the header of the wlan-ng drivers, or an AVS header.

Source: linux-wlan-ng, p80211msg.h ("lnxind_wlansniffrm"); numbers are in the byte order
of the host that captured, which the message code tells.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.frames import BAD_LINK
from sentinel_netlab.decode.gather import Gather
from sentinel_netlab.decode.links import avs
from sentinel_netlab.decode.links.channels import channels_of
from sentinel_netlab.decode.links.plain import place_frame

Columns = dict[str, NDArray[Any]]

HEADER_BYTES = 144
FIRST_ITEM = 24
ITEM_BYTES = 12
MESSAGE_CODES = (0x44, 0x41)
"""lnxind_wlansniffrm, and that of other drivers."""

CHANNEL, SIGNAL, NOISE, RATE = 2, 5, 6, 7
"""Place of the items that we use; items are host time, MAC time, channel, …"""


def fill(gather: Gather, columns: Columns, rows: NDArray[np.intp]) -> None:
    """Place the frames of *rows* and read their headers, Prism or AVS."""
    start = columns["packet_start"][rows]
    other = avs.is_avs(gather, start)
    if other.any():
        avs.fill(gather, columns, rows[other])
        rows, start = rows[~other], start[~other]
    length = columns["packet_length"][rows]
    swapped = np.isin(gather.be32(start), MESSAGE_CODES)
    good = (length >= HEADER_BYTES) & (
        np.isin(gather.le32(start), MESSAGE_CODES) | swapped
    )
    size = np.where(swapped, gather.be32(start + 4), gather.le32(start + 4))
    size = size.astype(np.int64)
    # Some drivers say the length of the whole packet; the header has one size.
    size = np.where((size < HEADER_BYTES) | (size > length), HEADER_BYTES, size)
    columns["malformed"][rows[~good]] |= BAD_LINK
    for order, half, word in (
        (False, gather.le16, gather.le32),
        (True, gather.be16, gather.be32),
    ):
        chosen = good & (swapped == order)
        if chosen.any():
            _items(half, word, columns, rows[chosen], start[chosen] + FIRST_ITEM)
    rows = rows[good]
    place_frame(columns, rows, size[good], columns["fcs_bytes"][rows])


def _items(
    half: Any,
    word: Any,
    columns: Columns,
    rows: NDArray[np.intp],
    first: NDArray[np.int64],
) -> None:
    """Items of 12 bytes: id (4), status (2, 0 is valid), length (2), value (4)."""

    def item(place: int) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
        at = first + place * ITEM_BYTES
        return word(at + 8), half(at + 4) == 0

    channel, valid = item(CHANNEL)
    valid &= channel < 256
    frequency = np.where(valid, avs.FREQUENCY[np.minimum(channel, 255)], 0)
    columns["frequency_mhz"][rows] = frequency
    columns["channel"][rows] = channels_of(frequency)
    rate, valid = item(RATE)
    valid &= rate < 1000
    columns["rate_kbps"][rows] = np.where(valid, rate * 500, 0)
    for name, place in (("signal_dbm", SIGNAL), ("noise_dbm", NOISE)):
        level, valid = item(place)
        signed = level.view(np.int32)
        heard = valid & (signed < 0) & (signed > -128)
        columns[name][rows[heard]] = signed[heard]
