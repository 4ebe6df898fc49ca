"""
Frame kinds: type and subtype of a frame in one number.

``kind = type << 4 | subtype`` (IEEE Std 802.11-2020, 9.2.4.1.3, table 9-1), so that
0-15 are management, 16-31 control, 32-47 data and 48-63 extension frames.  Values that
the standard reserves are kept as they came.
"""

from __future__ import annotations

ASSOC_REQ = 0x00
ASSOC_RESP = 0x01
REASSOC_REQ = 0x02
REASSOC_RESP = 0x03
PROBE_REQ = 0x04
PROBE_RESP = 0x05
TIMING_ADV = 0x06
BEACON = 0x08
ATIM = 0x09
DISASSOC = 0x0A
AUTH = 0x0B
DEAUTH = 0x0C
ACTION = 0x0D
ACTION_NO_ACK = 0x0E

TRIGGER = 0x12
TACK = 0x13
BEAMFORMING_POLL = 0x14
NDP_ANNOUNCEMENT = 0x15
CONTROL_EXTENSION = 0x16
CONTROL_WRAPPER = 0x17
BLOCK_ACK_REQ = 0x18
BLOCK_ACK = 0x19
PS_POLL = 0x1A
RTS = 0x1B
CTS = 0x1C
ACK = 0x1D
CF_END = 0x1E
CF_END_ACK = 0x1F

DATA = 0x20
NULL_DATA = 0x24
QOS_DATA = 0x28
QOS_NULL = 0x2C

DMG_BEACON = 0x30
S1G_BEACON = 0x31

ADVERTISING = (BEACON, PROBE_RESP)
"""Kinds in which an access point describes its BSS."""

DATA_KINDS = tuple(range(0x20, 0x30))
"""All data frames, with and without a body."""

KINDS = 64
"""How many kinds there are."""

KIND_NAMES = {
    ASSOC_REQ: "association request",
    ASSOC_RESP: "association response",
    REASSOC_REQ: "reassociation request",
    REASSOC_RESP: "reassociation response",
    PROBE_REQ: "probe request",
    PROBE_RESP: "probe response",
    TIMING_ADV: "timing advertisement",
    BEACON: "beacon",
    ATIM: "ATIM",
    DISASSOC: "disassociation",
    AUTH: "authentication",
    DEAUTH: "deauthentication",
    ACTION: "action",
    ACTION_NO_ACK: "action no ack",
    TRIGGER: "trigger",
    CONTROL_WRAPPER: "control wrapper",
    BLOCK_ACK_REQ: "block ack request",
    BLOCK_ACK: "block ack",
    PS_POLL: "PS-Poll",
    RTS: "RTS",
    CTS: "CTS",
    ACK: "ack",
    CF_END: "CF-End",
    CF_END_ACK: "CF-End + CF-Ack",
    DATA: "data",
    NULL_DATA: "null data",
    QOS_DATA: "QoS data",
    QOS_NULL: "QoS null data",
    DMG_BEACON: "DMG beacon",
    S1G_BEACON: "S1G beacon",
}


def kind_name(kind: int) -> str:
    """Name of *kind* in words; a reserved one is named by its numbers."""
    name = KIND_NAMES.get(kind)
    return name or f"type {kind >> 4} subtype {kind & 15}"
