"""Traffic Indication Map (IEEE Std 802.11-2020, 9.4.2.5)."""

from __future__ import annotations

from sentinel_netlab.core.elements import LENGTH, Tim
from sentinel_netlab.decode.elements.draft import Draft

ID = 5


def parse(body: bytes, draft: Draft) -> None:
    """
    DTIM count and period, bitmap control and bitmap.

    A TIM that announces nothing may end behind the period (9.4.2.5.1).
    """
    if len(body) < 2:
        draft.fault(LENGTH, ID, len(body))
        return
    control = body[2] if len(body) > 2 else 0
    draft.put("tim", Tim(body[0], body[1], control, body[3:]))
