"""DSSS Parameter Set: the channel (IEEE Std 802.11-2020, 9.4.2.4)."""

from __future__ import annotations

from sentinel_netlab.core.elements import LENGTH
from sentinel_netlab.decode.elements.draft import Draft

ID = 3


def parse(body: bytes, draft: Draft) -> None:
    """The current channel; the element has one byte, always."""
    if len(body) != 1:
        draft.fault(LENGTH, ID, len(body))
    if body:
        draft.put("ds_channel", body[0])
