"""
LINKTYPE_IEEE802_11 (105): the frame and nothing else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.decode.gather import Gather, all_or

Columns = dict[str, NDArray[Any]]


def fill(gather: Gather, columns: Columns, rows: NDArray[np.intp]) -> None:  # noqa: ARG001
    """The packet is the frame; an FCS is there only if the file says so."""
    place_frame(
        columns, rows, np.zeros(len(rows), np.int64), columns["fcs_bytes"][rows]
    )


def place_frame(
    columns: Columns,
    rows: NDArray[np.intp],
    header_bytes: NDArray[Any],
    fcs_bytes: NDArray[Any],
) -> None:
    """
    Say where the 802.11 frames of *rows* lie.

    Args:
        header_bytes: length of the pseudo-header, within the packet.
        fcs_bytes: length of the FCS on the air; a packet that was cut may hold a part
            of it, or none.
    """
    which = all_or(rows, len(columns["packet_start"]))
    captured = columns["packet_length"][which] - header_bytes
    original = columns["wire_length"][which] - header_bytes - fcs_bytes
    columns["start"][which] = columns["packet_start"][which] + header_bytes
    columns["length"][which] = np.maximum(np.minimum(captured, original), 0)
    columns["snapped"][which] = captured < original
