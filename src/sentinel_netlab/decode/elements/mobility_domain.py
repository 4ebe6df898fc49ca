"""Mobility Domain (IEEE Std 802.11-2020, 9.4.2.46)."""

from __future__ import annotations

from sentinel_netlab.core.elements import LENGTH, MobilityDomain
from sentinel_netlab.decode.elements.draft import Draft

ID = 54


def parse(body: bytes, draft: Draft) -> None:
    """Identifier and capability byte."""
    if len(body) != 3:
        draft.fault(LENGTH, ID, len(body))
        return
    identifier = int.from_bytes(body[:2], "little")
    draft.put("mobility_domain", MobilityDomain(identifier, body[2]))
