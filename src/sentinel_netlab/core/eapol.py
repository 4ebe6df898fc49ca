"""
EAPOL packets of a block as columns (IEEE Std 802.1X-2020, 11; 802.11-2020, 12.7.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.tables import SparseTable, column

NO_CODE = 0xFF

EAP_PACKET, START, LOGOFF, KEY, ASF_ALERT = range(5)
"""Packet types (IEEE Std 802.1X-2020, table 11-3)."""

M1, M2, M3, M4, GROUP_1, GROUP_2 = range(1, 7)
"""`EapolRows.message`: the 4-way handshake and the group key handshake; 0 none."""

WSC_M1, WSC_M2, WSC_M2D, WSC_M3, WSC_M4 = 0x04, 0x05, 0x06, 0x07, 0x08
WSC_M5, WSC_M6, WSC_M7, WSC_M8 = 0x09, 0x0A, 0x0B, 0x0C
WSC_ACK, WSC_NACK, WSC_DONE = 0x0D, 0x0E, 0x0F
"""WSC message types (Wi-Fi Simple Configuration 2.0, table 28)."""

EAP_REQUEST, EAP_RESPONSE, EAP_SUCCESS, EAP_FAILURE = 1, 2, 3, 4


@dataclass(frozen=True, slots=True, eq=False)
class EapolRows(SparseTable):
    """One row for each unprotected data frame that carries EAPOL."""

    row: NDArray[np.int64] = column("i8", 0, "row in the block")
    packet_type: NDArray[np.uint8] = column("u1", NO_CODE, "802.1X packet type")
    descriptor: NDArray[np.uint8] = column("u1", NO_CODE, "2 RSN, 254 WPA, 1 RC4")
    message: NDArray[np.uint8] = column("u1", 0, "M1-M4 as 1-4, group 5-6, 0 none")
    key_info: NDArray[np.uint16] = column("u2", 0, "Key Information bits")
    replay_counter: NDArray[np.uint64] = column("u8", 0, "key replay counter")
    nonce: NDArray[np.uint8] = column("u1", 0, "key nonce", width=32)
    has_mic: NDArray[np.bool_] = column("?", False, "the Key MIC field is not zero")
    key_data_length: NDArray[np.uint16] = column("u2", 0, "bytes, as announced")
    has_pmkid: NDArray[np.bool_] = column("?", False, "plain key data has a PMKID KDE")
    pmkid: NDArray[np.uint8] = column("u1", 0, "PMKID", width=16)
    eap_code: NDArray[np.uint8] = column("u1", NO_CODE, "1 request … 4 failure")
    eap_id: NDArray[np.uint8] = column("u1", 0, "EAP identifier")
    eap_type: NDArray[np.uint8] = column("u1", NO_CODE, "EAP method; 254 expanded")
    wsc_message: NDArray[np.uint8] = column("u1", 0, "WSC message type, 0 none")
    overrun: NDArray[np.bool_] = column("?", False, "a length runs past the frame")
