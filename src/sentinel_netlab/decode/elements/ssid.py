"""SSID (IEEE Std 802.11-2020, 9.4.2.2)."""

from __future__ import annotations

from sentinel_netlab.core.elements import LENGTH
from sentinel_netlab.core.ssid import MAX_SSID_BYTES
from sentinel_netlab.decode.elements.draft import Draft

ID = 0


def parse(body: bytes, draft: Draft) -> None:
    """Keep the bytes, also of one that is longer than allowed."""
    if len(body) > MAX_SSID_BYTES:
        draft.fault(LENGTH, ID, len(body))
    draft.put("ssid", body)
    draft.extend("ssids", (body,))
