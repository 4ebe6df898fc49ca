"""HT Capabilities and HT Operation (IEEE Std 802.11-2020, 9.4.2.55, 9.4.2.56)."""

from __future__ import annotations

from sentinel_netlab.core.elements import LENGTH, Ht
from sentinel_netlab.decode.elements.draft import Draft

CAPABILITIES_ID = 45
OPERATION_ID = 61
CAPABILITIES_BYTES = 26
OPERATION_BYTES = 22

_NONE = Ht(None, None, None)


def parse_capabilities(body: bytes, draft: Draft) -> None:
    """HT Capability Information, the first two bytes."""
    if len(body) < CAPABILITIES_BYTES:
        draft.fault(LENGTH, CAPABILITIES_ID, len(body))
        return
    now: Ht = draft.fields.get("ht", _NONE)
    capabilities = int.from_bytes(body[:2], "little")
    draft.fields["ht"] = now._replace(capabilities=capabilities)


def parse_operation(body: bytes, draft: Draft) -> None:
    """Primary channel and secondary channel offset."""
    if len(body) < OPERATION_BYTES:
        draft.fault(LENGTH, OPERATION_ID, len(body))
        return
    now: Ht = draft.fields.get("ht", _NONE)
    draft.fields["ht"] = now._replace(
        primary_channel=body[0], secondary_offset=body[1] & 3
    )
