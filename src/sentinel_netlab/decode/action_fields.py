"""
Table of the fixed fields of action frames (IEEE Std 802.11-2020, 9.6).

Offsets count from the category on: 0 is the category, 1 the action.
"""

from __future__ import annotations

from typing import NamedTuple

from sentinel_netlab.core.actions import (
    BLOCK_ACK,
    FAST_BSS_TRANSITION,
    PUBLIC,
    QOS,
    RADIO_MEASUREMENT,
    SA_QUERY,
    SPECTRUM,
    WNM,
)

ADDRESS_BYTES = 6
"""A field of this size is an address; others are little-endian numbers."""

CHANNEL_SWITCH = (SPECTRUM, 4)
"""The action whose fields stand in an element (9.6.2.6)."""

CSA_ELEMENT, CSA_BYTES = 37, 3
"""Channel Switch Announcement element: mode, channel, count (9.4.2.18)."""

VENDOR_OUI_AT = 1
"""OUI of a vendor-specific action (9.6.5)."""

PUBLIC_VENDOR, PUBLIC_VENDOR_OUI_AT = 9, 2
"""Vendor-specific public action (9.6.7.11)."""

OUI_BYTES = 3


class Field(NamedTuple):
    """
    Where a column of `ActionRows` stands.

    Attributes:
        size: bytes.
        shift, mask: applied to the number.
    """

    column: str
    offset: int
    size: int = 1
    shift: int = 0
    mask: int = 0xFFFF


class Action(NamedTuple):
    """
    The fields of one action.

    Attributes:
        least_bytes: what the action's fixed fields need, category included.
    """

    least_bytes: int
    fields: tuple[Field, ...] = ()


_TOKEN = Field("dialog_token", 2)
_STATION = Field("ft_station", 2, ADDRESS_BYTES)
_TARGET = Field("ft_target", 8, ADDRESS_BYTES)

ACTIONS: dict[tuple[int, int], Action] = {
    (SPECTRUM, 0): Action(3, (_TOKEN,)),  # 9.6.2.2: measurement request
    (SPECTRUM, 1): Action(3, (_TOKEN,)),
    (SPECTRUM, 2): Action(3, (_TOKEN,)),  # 9.6.2.4: TPC request
    (SPECTRUM, 3): Action(3, (_TOKEN,)),
    (QOS, 0): Action(3, (_TOKEN,)),  # 9.6.3.2: ADDTS
    (QOS, 1): Action(5, (_TOKEN, Field("status", 3, 2))),
    (BLOCK_ACK, 0): Action(  # 9.6.4.2: ADDBA request
        9,
        (
            _TOKEN,
            Field("block_ack_tid", 3, 2, 2, 15),
            Field("block_ack_start", 7, 2, 4),
        ),
    ),
    (BLOCK_ACK, 1): Action(  # 9.6.4.3: ADDBA response
        9, (_TOKEN, Field("status", 3, 2), Field("block_ack_tid", 5, 2, 2, 15))
    ),
    (BLOCK_ACK, 2): Action(  # 9.6.4.4: DELBA
        6, (Field("block_ack_tid", 2, 2, 12), Field("status", 4, 2))
    ),
    (PUBLIC, 4): Action(  # 9.6.7.7: extended channel switch announcement
        6, (Field("new_channel", 4), Field("switch_count", 5))
    ),
    (PUBLIC, PUBLIC_VENDOR): Action(PUBLIC_VENDOR_OUI_AT + OUI_BYTES),
    (PUBLIC, 10): Action(3, (_TOKEN,)),  # 9.6.7.12: GAS
    (PUBLIC, 11): Action(7, (_TOKEN, Field("status", 3, 2))),
    (PUBLIC, 12): Action(3, (_TOKEN,)),
    (PUBLIC, 13): Action(8, (_TOKEN, Field("status", 3, 2))),
    (RADIO_MEASUREMENT, 0): Action(5, (_TOKEN,)),  # 9.6.6.2: request, repetitions
    (RADIO_MEASUREMENT, 1): Action(3, (_TOKEN,)),
    (RADIO_MEASUREMENT, 2): Action(5, (_TOKEN,)),  # 9.6.6.4: link measurement
    (RADIO_MEASUREMENT, 3): Action(11, (_TOKEN,)),
    (RADIO_MEASUREMENT, 4): Action(3, (_TOKEN,)),  # 9.6.6.6: neighbor report
    (RADIO_MEASUREMENT, 5): Action(3, (_TOKEN,)),
    (FAST_BSS_TRANSITION, 1): Action(14, (_STATION, _TARGET)),  # 9.6.8.2: request
    (FAST_BSS_TRANSITION, 2): Action(16, (_STATION, _TARGET, Field("status", 14, 2))),
    (FAST_BSS_TRANSITION, 3): Action(14, (_STATION, _TARGET)),
    (FAST_BSS_TRANSITION, 4): Action(16, (_STATION, _TARGET, Field("status", 14, 2))),
    (SA_QUERY, 0): Action(4, (Field("transaction", 2, 2),)),  # 9.6.9.2
    (SA_QUERY, 1): Action(4, (Field("transaction", 2, 2),)),
    (WNM, 6): Action(4, (_TOKEN,)),  # 9.6.13.8: BTM query
    (WNM, 7): Action(  # 9.6.13.9: BTM request
        7, (_TOKEN, Field("btm_mode", 3), Field("btm_timer", 4, 2))
    ),
    (WNM, 8): Action(5, (_TOKEN, Field("status", 3))),  # 9.6.13.10: BTM response
}
