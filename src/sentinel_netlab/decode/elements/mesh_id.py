"""Mesh ID (IEEE Std 802.11-2020, 9.4.2.98)."""

from __future__ import annotations

from sentinel_netlab.core.elements import LENGTH
from sentinel_netlab.core.ssid import MAX_SSID_BYTES
from sentinel_netlab.decode.elements.draft import Draft

ID = 114


def parse(body: bytes, draft: Draft) -> None:
    """Bytes of the identifier; empty is the wildcard."""
    if len(body) > MAX_SSID_BYTES:
        draft.fault(LENGTH, ID, len(body))
    draft.put("mesh_id", body)
