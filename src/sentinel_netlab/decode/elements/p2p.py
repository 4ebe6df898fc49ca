"""P2P attributes (Wi-Fi Direct 1.9, 4.1)."""

from __future__ import annotations

from sentinel_netlab.core.elements import COUNT, P2p
from sentinel_netlab.decode.elements.draft import Draft

SUITE = 0x506F9A09
HEAD_BYTES = 3  # of an attribute: id and length
CAPABILITY = 2
DEVICE_ID = 3
DEVICE_INFO = 13


def parse(body: bytes, draft: Draft) -> None:
    """Attributes of all P2P elements of a frame, joined."""
    listed: list[tuple[int, int]] = []
    device = capability = None
    at = 0
    while at + HEAD_BYTES <= len(body):
        kind, size = body[at], int.from_bytes(body[at + 1 : at + 3], "little")
        start, at = at + HEAD_BYTES, at + HEAD_BYTES + size
        if at > len(body):
            break
        listed.append((kind, size))
        if kind in (DEVICE_ID, DEVICE_INFO) and size >= 6:
            device = int.from_bytes(body[start : start + 6], "big")
        elif kind == CAPABILITY and size >= 2:
            capability = body[start + 1]
    if at != len(body):
        draft.fault(COUNT, SUITE, len(body) + 4)
    draft.put("p2p", P2p(tuple(listed), device, capability))
