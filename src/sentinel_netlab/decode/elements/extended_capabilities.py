"""Extended Capabilities (IEEE Std 802.11-2020, 9.4.2.26)."""

from __future__ import annotations

from sentinel_netlab.decode.elements.draft import Draft

ID = 127


def parse(body: bytes, draft: Draft) -> None:
    """Bits as they came."""
    draft.put("extended_capabilities", body)
