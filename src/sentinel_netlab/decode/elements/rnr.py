"""Reduced Neighbor Report (IEEE Std 802.11-2020, 9.4.2.170)."""

from __future__ import annotations

from sentinel_netlab.core.elements import COUNT, Neighbor
from sentinel_netlab.decode.elements.draft import Draft

ID = 201
HEADER_BYTES = 4
BSSID_END = 7
"""A TBTT Information field of so many bytes or more has a BSSID behind the offset."""


def parse(body: bytes, draft: Draft) -> None:
    """Neighbor AP Information fields, each with one or more APs."""
    neighbors = []
    at = 0
    while at + HEADER_BYTES <= len(body):
        header = int.from_bytes(body[at : at + 2], "little")
        kind, count, size = header & 3, (header >> 4 & 15) + 1, header >> 8
        operating_class, channel = body[at + 2], body[at + 3]
        at += HEADER_BYTES
        if at + count * size > len(body):
            break
        has_bssid = kind == 0 and size >= BSSID_END
        for _ in range(count):
            bssid = int.from_bytes(body[at + 1 : at + 7], "big") if has_bssid else None
            neighbors.append(Neighbor(operating_class, channel, bssid))
            at += size
    if at != len(body):
        draft.fault(COUNT, ID, len(body))
    draft.extend("neighbors", neighbors)
