"""Channel Switch Announcements (IEEE Std 802.11-2020, 9.4.2.18 and 9.4.2.52)."""

from __future__ import annotations

from sentinel_netlab.core.elements import LENGTH, ChannelSwitch
from sentinel_netlab.decode.elements.draft import Draft

ID = 37
EXTENDED_ID = 60


def parse(body: bytes, draft: Draft) -> None:
    """CSA: mode, new channel, count."""
    if len(body) != 3:
        draft.fault(LENGTH, ID, len(body))
        return
    draft.put("csa", ChannelSwitch(body[0], None, body[1], body[2]))


def parse_extended(body: bytes, draft: Draft) -> None:
    """ECSA: mode, operating class, new channel, count."""
    if len(body) != 4:
        draft.fault(LENGTH, EXTENDED_ID, len(body))
        return
    draft.put("ecsa", ChannelSwitch(body[0], body[1], body[2], body[3]))
