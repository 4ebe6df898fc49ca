"""Management MIC (IEEE Std 802.11-2020, 9.4.2.54)."""

from __future__ import annotations

from sentinel_netlab.core.elements import LENGTH, Mme
from sentinel_netlab.decode.elements.draft import Draft

ID = 76
LENGTHS = (16, 24)


def parse(body: bytes, draft: Draft) -> None:
    """Key id and IPN; the MIC itself cannot be checked without the key."""
    if len(body) not in LENGTHS:
        draft.fault(LENGTH, ID, len(body))
        return
    draft.put(
        "mme",
        Mme(int.from_bytes(body[:2], "little"), int.from_bytes(body[2:8], "little")),
    )
