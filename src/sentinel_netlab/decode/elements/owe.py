"""OWE Transition Mode (Opportunistic Wireless Encryption 1.1, 2.2)."""

from __future__ import annotations

from sentinel_netlab.core.elements import COUNT, OweTransition
from sentinel_netlab.decode.elements.draft import Draft

SUITE = 0x506F9A1C
HEAD_BYTES = 4  # OUI and type
SSID_START = 7  # behind a BSSID and the SSID's length


def parse(body: bytes, draft: Draft) -> None:
    """BSSID and SSID of the other half; band and channel may follow."""
    if len(body) < SSID_START or len(body) < SSID_START + body[6]:
        draft.fault(COUNT, SUITE, len(body) + HEAD_BYTES)
        return
    ssid = body[SSID_START : SSID_START + body[6]]
    draft.put("owe_transition", OweTransition(int.from_bytes(body[:6], "big"), ssid))
