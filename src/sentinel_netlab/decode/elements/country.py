"""Country (IEEE Std 802.11-2020, 9.4.2.8)."""

from __future__ import annotations

from sentinel_netlab.core.elements import LENGTH, Country
from sentinel_netlab.core.ssid import display_ssid
from sentinel_netlab.decode.elements.draft import Draft

ID = 7
LEAST_BYTES = 6  # a string of three and one triplet


def parse(body: bytes, draft: Draft) -> None:
    """Country string of three characters, then triplets; padding is ignored."""
    if len(body) < LEAST_BYTES:
        draft.fault(LENGTH, ID, len(body))
        return
    triplets = tuple(
        (body[at], body[at + 1], body[at + 2]) for at in range(3, len(body) - 2, 3)
    )
    draft.put("country", Country(display_ssid(body[:2]), triplets))
