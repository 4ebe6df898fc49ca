"""
Link types: where the 802.11 frame lies in a packet, and what the radio said of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.frames import BAD_LINK
from sentinel_netlab.decode.gather import Gather
from sentinel_netlab.decode.links import avs, plain, ppi, prism, radiotap

Columns = dict[str, NDArray[Any]]
Filler = Callable[[Gather, Columns, NDArray[np.intp]], None]

SUPPORTED: dict[int, tuple[str, Filler]] = {
    105: ("802.11", plain.fill),
    119: ("802.11 with Prism header", prism.fill),
    127: ("802.11 with radiotap header", radiotap.fill),
    163: ("802.11 with AVS header", avs.fill),
    192: ("802.11 with PPI header", ppi.fill),
}
"""Name and decoder of each link type (tcpdump.org, "Link-layer header types")."""

OTHERS = {1: "Ethernet", 101: "raw IP", 113: "Linux cooked", 276: "Linux cooked v2"}


def fill(gather: Gather, columns: Columns) -> None:
    """Fill the radio columns and ``start``, ``length``, ``snapped`` of all rows."""
    linktypes = columns["linktype"]
    if not len(linktypes):
        return
    alike = bool((linktypes == linktypes[0]).all())
    for linktype in linktypes[:1].tolist() if alike else np.unique(linktypes).tolist():
        rows = np.flatnonzero(linktypes == linktype)
        if linktype in SUPPORTED:
            SUPPORTED[linktype][1](gather, columns, rows)
        else:
            columns["malformed"][rows] |= BAD_LINK


def unsupported(linktype: int) -> str:
    """A clause that says what *linktype* is and what could be read instead."""
    name = OTHERS.get(linktype, "unknown to us")
    known = ", ".join(f"{number} ({what})" for number, (what, _) in SUPPORTED.items())
    return f"link type {linktype} ({name}) holds no 802.11 frames; readable are {known}"
