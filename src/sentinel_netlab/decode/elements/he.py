"""HE Capabilities and HE Operation (IEEE Std 802.11ax-2021, 9.4.2.248, 9.4.2.249)."""

from __future__ import annotations

from sentinel_netlab.core.elements import EXTENSION, LENGTH, He
from sentinel_netlab.decode.elements.draft import Draft

CAPABILITIES_ID = EXTENSION + 35
OPERATION_ID = EXTENSION + 36
CAPABILITIES_BYTES = 21  # 6 MAC, 11 PHY, 4 MCS and NSS at least
OPERATION_BYTES = 6
OPTIONAL = ((1 << 14, 3), (1 << 15, 1))
"""Bit of HE Operation Parameters and bytes of what it adds before 6 GHz."""

SIX_GHZ = 1 << 17
SIX_GHZ_BYTES = 5

_NONE = He(None, None, None)


def parse_capabilities(body: bytes, draft: Draft) -> None:
    """HE MAC Capabilities Information, six bytes."""
    if len(body) < CAPABILITIES_BYTES:
        draft.fault(LENGTH, CAPABILITIES_ID, len(body) + 1)
        return
    now: He = draft.fields.get("he", _NONE)
    draft.fields["he"] = now._replace(mac_capabilities=body[:6])


def parse_operation(body: bytes, draft: Draft) -> None:
    """BSS color, and the primary channel in 6 GHz."""
    if len(body) < OPERATION_BYTES:
        draft.fault(LENGTH, OPERATION_ID, len(body) + 1)
        return
    parameters = int.from_bytes(body[:3], "little")
    at = OPERATION_BYTES + sum(size for bit, size in OPTIONAL if parameters & bit)
    channel = None
    if parameters & SIX_GHZ:
        if at + SIX_GHZ_BYTES > len(body):
            draft.fault(LENGTH, OPERATION_ID, len(body) + 1)
        else:
            channel = body[at]
    now: He = draft.fields.get("he", _NONE)
    draft.fields["he"] = now._replace(bss_color=body[3] & 63, primary_channel=channel)
