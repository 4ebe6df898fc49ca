"""EHT Capabilities and EHT Operation (IEEE Std 802.11be-2024, 9.4.2.321, 9.4.2.319)."""

from __future__ import annotations

from sentinel_netlab.core.elements import EXTENSION, LENGTH, Eht
from sentinel_netlab.decode.elements.draft import Draft

CAPABILITIES_ID = EXTENSION + 108
OPERATION_ID = EXTENSION + 106
CAPABILITIES_BYTES = 11  # 2 MAC and 9 PHY at least
OPERATION_BYTES = 5

_NONE = Eht(None, None)


def parse_capabilities(body: bytes, draft: Draft) -> None:
    """EHT MAC Capabilities Information, two bytes."""
    if len(body) < CAPABILITIES_BYTES:
        draft.fault(LENGTH, CAPABILITIES_ID, len(body) + 1)
        return
    now: Eht = draft.fields.get("eht", _NONE)
    capabilities = int.from_bytes(body[:2], "little")
    draft.fields["eht"] = now._replace(mac_capabilities=capabilities)


def parse_operation(body: bytes, draft: Draft) -> None:
    """EHT Operation as it came."""
    if len(body) < OPERATION_BYTES:
        draft.fault(LENGTH, OPERATION_ID, len(body) + 1)
        return
    now: Eht = draft.fields.get("eht", _NONE)
    draft.fields["eht"] = now._replace(operation=body)
