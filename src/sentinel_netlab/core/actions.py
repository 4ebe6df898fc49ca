"""
Action frames of a block as columns (IEEE Std 802.11-2020, 9.6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.tables import SparseTable, column

NO_VALUE = 0xFFFF

SPECTRUM, QOS, BLOCK_ACK, PUBLIC = 0, 1, 3, 4
RADIO_MEASUREMENT, FAST_BSS_TRANSITION, HT, SA_QUERY = 5, 6, 7, 8
PROTECTED_DUAL_PUBLIC, WNM, UNPROTECTED_WNM, TDLS = 9, 10, 11, 12
MESH, VHT, VENDOR_PROTECTED, VENDOR = 13, 21, 126, 127
"""Categories (IEEE Std 802.11-2020, table 9-51)."""


@dataclass(frozen=True, slots=True, eq=False)
class ActionRows(SparseTable):
    """
    One row for each action frame.

    ``category`` and ``action`` are missing where the frame is protected: its body is
    cipher text then.  What a field means depends on the category; one that the action
    does not have is missing.
    """

    row: NDArray[np.int64] = column("i8", 0, "row in the block")
    protected: NDArray[np.bool_] = column("?", False, "the body is cipher text")
    category: NDArray[np.uint16] = column("u2", NO_VALUE, "category, high bit off")
    error: NDArray[np.bool_] = column("?", False, "category had its high bit set")
    action: NDArray[np.uint16] = column("u2", NO_VALUE, "action of the category")
    dialog_token: NDArray[np.uint16] = column("u2", NO_VALUE, "dialog token")
    status: NDArray[np.uint16] = column("u2", NO_VALUE, "status or reason code")
    new_channel: NDArray[np.uint16] = column("u2", NO_VALUE, "channel of a CSA/ECSA")
    switch_count: NDArray[np.uint16] = column("u2", NO_VALUE, "beacons until a CSA")
    transaction: NDArray[np.uint16] = column("u2", NO_VALUE, "SA Query identifier")
    block_ack_tid: NDArray[np.uint16] = column("u2", NO_VALUE, "TID of ADDBA/DELBA")
    block_ack_start: NDArray[np.uint16] = column("u2", NO_VALUE, "ADDBA start sequence")
    btm_mode: NDArray[np.uint16] = column("u2", NO_VALUE, "BTM request mode bits")
    btm_timer: NDArray[np.uint16] = column("u2", NO_VALUE, "TBTTs to disassociation")
    ft_station: NDArray[np.uint64] = column("u8", 2**64 - 1, "STA of an FT action")
    ft_target: NDArray[np.uint64] = column("u8", 2**64 - 1, "target AP of FT")
    oui: NDArray[np.uint32] = column("u4", 2**32 - 1, "OUI of a vendor action")
