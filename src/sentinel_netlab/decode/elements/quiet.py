"""Quiet (IEEE Std 802.11-2020, 9.4.2.22)."""

from __future__ import annotations

import struct

from sentinel_netlab.core.elements import LENGTH, Quiet
from sentinel_netlab.decode.elements.draft import Draft

ID = 40
_FIELDS = struct.Struct("<BBHH")


def parse(body: bytes, draft: Draft) -> None:
    """Count, period, duration and offset."""
    if len(body) != _FIELDS.size:
        draft.fault(LENGTH, ID, len(body))
        return
    draft.put("quiet", Quiet(*_FIELDS.unpack(body)))
