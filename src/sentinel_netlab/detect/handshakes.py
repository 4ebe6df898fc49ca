"""
Key messages of a block in the order of the air.
"""

from __future__ import annotations

import numpy as np

from sentinel_netlab.core.eapol import M2, M3, M4
from sentinel_netlab.core.frames import RETRY, Frames


def messages(frames: Frames, *numbers: int) -> list[tuple[int, int]]:
    """
    Row in the block and place in ``frames.eapol`` of the key messages *numbers*
    (core.eapol.M1 …), retransmissions left out.
    """
    table = frames.eapol
    if not len(table):
        return []
    wanted = np.isin(table.message, numbers)
    wanted &= (frames.flags[table.row] & RETRY) == 0
    places = np.flatnonzero(wanted)
    return list(zip(table.row[places].tolist(), places.tolist(), strict=True))


def answers(frames: Frames) -> list[int]:
    """Rows of the key messages after the first: the station took part."""
    return [row for row, _ in messages(frames, M2, M3, M4)]
