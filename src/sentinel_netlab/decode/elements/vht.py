"""VHT Capabilities and VHT Operation (IEEE Std 802.11-2020, 9.4.2.157, 9.4.2.158)."""

from __future__ import annotations

from sentinel_netlab.core.elements import LENGTH, Vht
from sentinel_netlab.decode.elements.draft import Draft

CAPABILITIES_ID = 191
OPERATION_ID = 192
CAPABILITIES_BYTES = 12
OPERATION_BYTES = 5

_NONE = Vht(None, None)


def parse_capabilities(body: bytes, draft: Draft) -> None:
    """VHT Capabilities Information, four bytes."""
    if len(body) < CAPABILITIES_BYTES:
        draft.fault(LENGTH, CAPABILITIES_ID, len(body))
        return
    now: Vht = draft.fields.get("vht", _NONE)
    capabilities = int.from_bytes(body[:4], "little")
    draft.fields["vht"] = now._replace(capabilities=capabilities)


def parse_operation(body: bytes, draft: Draft) -> None:
    """Channel width: 0 up to 40 MHz, 1 from 80 MHz on."""
    if len(body) < OPERATION_BYTES:
        draft.fault(LENGTH, OPERATION_ID, len(body))
        return
    now: Vht = draft.fields.get("vht", _NONE)
    draft.fields["vht"] = now._replace(channel_width=body[0])
