"""
EAP packets and the WSC messages in them (RFC 3748, 4 and 5.7; WSC 2.0, 7.7 and 12).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.eapol import (
    EAP_REQUEST,
    EAP_RESPONSE,
    WSC_ACK,
    WSC_DONE,
    WSC_NACK,
)
from sentinel_netlab.decode.eapol_body import Bodies
from sentinel_netlab.decode.gather import Gather, Offsets

Columns = dict[str, NDArray[Any]]

HEADER_BYTES = 4

EXPANDED = 254
"""EAP type of a method of a vendor."""

WSC_METHOD = 0x00372A00000001
"""Vendor id 00-37-2A and vendor type 1, behind the type byte."""

OPCODE_AT, FLAGS_AT, ATTRIBUTES_AT = 12, 13, 14
"""Offsets from the code on; a message length stands before the attributes if asked."""

LENGTH_FIELD = 0x02
"""Flag: two bytes of message length follow."""

WSC_OPCODES = {2: WSC_ACK, 3: WSC_NACK, 5: WSC_DONE}
"""Op-codes that tell the message by themselves; 4 is any other message."""

VERSION = 0x104A0001
"""Attribute Version, one byte long; every message begins with it."""

MESSAGE_TYPE = 0x10220001
"""Attribute Message Type, one byte long; it comes second."""

MAX_ATTRIBUTES = 8
"""Attributes looked at; what stands behind them in hostile bytes is not found."""


def fill(gather: Gather, table: Columns, bodies: Bodies) -> None:
    """Read EAP packets into *table*; ``overrun`` where one is longer than its frame."""
    table["overrun"][bodies.which] |= bodies.claimed < HEADER_BYTES
    bodies = bodies.of(bodies.captured >= HEADER_BYTES)
    which, at, captured, claimed = bodies
    code = gather.u8(at)
    length = gather.be16(at + 2).astype(np.int64)
    table["eap_code"][which] = code
    table["eap_id"][which] = gather.u8(at + 1)
    table["overrun"][which] |= length > claimed
    size = np.minimum(length, captured)
    typed = (code == EAP_REQUEST) | (code == EAP_RESPONSE)
    typed &= size > HEADER_BYTES
    which, at, size = which[typed], at[typed], size[typed]
    table["eap_type"][which] = gather.u8(at + HEADER_BYTES)
    wsc = (table["eap_type"][which] == EXPANDED) & (size >= ATTRIBUTES_AT)
    method = gather.be64(at + HEADER_BYTES + 1) >> np.uint64(8)
    wsc &= method == np.uint64(WSC_METHOD)
    if wsc.any():
        table["wsc_message"][which[wsc]] = _wsc_messages(gather, at[wsc], size[wsc])


def _wsc_messages(gather: Gather, at: Offsets, size: Offsets) -> NDArray[np.uint8]:
    """Message types of WSC packets; 0 where one says none."""
    opcode = gather.u8(at + OPCODE_AT)
    messages = np.zeros(len(at), np.uint8)
    for code, message in WSC_OPCODES.items():
        messages[opcode == code] = message
    long = (gather.u8(at + FLAGS_AT) & LENGTH_FIELD) != 0
    start = at + ATTRIBUTES_AT + np.where(long, 2, 0)
    end = at + size
    usual = start + 10 <= end
    usual &= gather.be32(start) == VERSION
    usual &= gather.be32(start + 5) == MESSAGE_TYPE
    messages[usual] = gather.u8(start[usual] + 9)
    for index in np.flatnonzero(~usual).tolist():
        first, last = int(start[index]), int(end[index])
        found = _message_type(gather.raw[first:last].tobytes())
        messages[index] = found or messages[index]
    return messages


def _message_type(attributes: bytes) -> int:
    """Message Type among WSC attributes (type and length of two bytes each), or 0."""
    at = 0
    for _ in range(MAX_ATTRIBUTES):
        value = at + 4
        if value >= len(attributes):
            return 0
        if int.from_bytes(attributes[at:value]) == MESSAGE_TYPE:
            return attributes[value]
        at = value + int.from_bytes(attributes[at + 2 : value])
    return 0
