"""
EAPOL in unprotected data frames.

Source: IEEE Std 802.1X-2020, 11.3; IEEE Std 802.11-2020, 12.7.2 (EAPOL-Key frames);
RFC 3748 (EAP); Wi-Fi Simple Configuration 2.0, 7.7 (EAP-WSC).

Not looked into: pre-authentication (EtherType 88-C7), A-MSDUs, later fragments.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core import kinds
from sentinel_netlab.core.eapol import EAP_PACKET, KEY, EapolRows
from sentinel_netlab.core.frames import (
    BAD_EAPOL,
    FROM_DS,
    MORE_FRAGMENTS,
    NO_HEADER,
    PROTECTED,
    TO_DS,
)
from sentinel_netlab.decode import eap, eapol_key
from sentinel_netlab.decode.eapol_body import Bodies
from sentinel_netlab.decode.gather import Gather

Columns = dict[str, NDArray[Any]]
Rows = NDArray[np.intp]

LLC_BYTES = 8
HEADER_BYTES = 4

SNAP = 0xAAAA03000000888E
BRIDGE_TUNNEL = 0xAAAA030000F8888E
"""LLC/SNAP of EAPOL by RFC 1042 and by IEEE Std 802.1H; stations take both."""

A_MSDU = 0x80
"""A-MSDU Present in the QoS Control field (IEEE Std 802.11-2020, 9.2.4.5.9)."""

_NULL = 0x04
"""Subtype bit of data frames without a body."""

_QOS = 0x08
"""Subtype bit of data frames with a QoS Control field."""

_HAS_BODY = np.array(
    [kind in kinds.DATA_KINDS and not kind & _NULL for kind in range(256)]
)


def rows(gather: Gather, columns: Columns) -> EapolRows:
    """
    The EAPOL packets of the block; sets `BAD_EAPOL` where a length does not fit.

    What a capture or fragmentation cut off is not held against a frame.
    """
    found = _find(gather, columns)
    if not len(found):
        return EapolRows.empty()
    table = EapolRows.blank_columns(len(found))
    table["row"][:] = found
    at = columns["body_start"][found] + LLC_BYTES
    room = columns["body_length"][found] - LLC_BYTES - HEADER_BYTES
    table["packet_type"][:] = gather.u8(at + 1)
    # Padding behind the packet is normal; a packet longer than the frame is not.
    announced = gather.be16(at + 2).astype(np.int64)
    cut = columns["snapped"][found] | (columns["flags"][found] & MORE_FRAGMENTS != 0)
    table["overrun"][:] = (announced > room) & ~cut
    captured = np.minimum(announced, room)
    claimed = np.where(cut, announced, captured)
    for packet_type, fill in ((KEY, eapol_key.fill), (EAP_PACKET, eap.fill)):
        which = np.flatnonzero(table["packet_type"] == packet_type)
        if len(which):
            bodies = Bodies(
                which, at[which] + HEADER_BYTES, captured[which], claimed[which]
            )
            fill(gather, table, bodies)
    columns["malformed"][found[table["overrun"]]] |= BAD_EAPOL
    return EapolRows(**table)


def _find(gather: Gather, columns: Columns) -> Rows:
    may_be = _HAS_BODY[columns["kind"]]
    may_be &= (columns["flags"] & PROTECTED) == 0
    plain = np.flatnonzero(may_be)
    usable = columns["body_length"][plain] >= LLC_BYTES + HEADER_BYTES
    usable &= (columns["malformed"][plain] & NO_HEADER) == 0
    usable &= columns["fragment"][plain] == 0
    plain = plain[usable]
    if not len(plain):
        return plain
    head = gather.be64(columns["body_start"][plain])
    found: Rows = plain[(head == np.uint64(SNAP)) | (head == np.uint64(BRIDGE_TUNNEL))]
    if not len(found):
        return found
    four = columns["flags"][found] & (TO_DS | FROM_DS) == TO_DS | FROM_DS
    control = gather.u8(columns["start"][found] + np.where(four, 30, 24))
    qos = (columns["kind"][found] & _QOS) != 0
    msdu: Rows = found[~qos | (control & A_MSDU == 0)]
    return msdu
