"""
Packets: where the captured packets of a block lie in its bytes.

What a walk over capture records (pcap, pcapng, a ring of the kernel) gives to the
decoder: no byte of a packet has been looked at yet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.tables import Table, column


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Packets(Table):
    """
    Packets of one buffer, in capture order.

    Attributes:
        raw: the buffer; ends with `gather.PAD` zero bytes; never written again.
    """

    start: NDArray[np.int64] = column("i8", 0, "offset in raw of the packet")
    length: NDArray[np.int64] = column("i8", 0, "captured bytes, all inside raw")
    wire_length: NDArray[np.int64] = column("i8", 0, "bytes that the packet had")
    ts_us: NDArray[np.int64] = column("i8", 0, "µs since 1970-01-01 UTC")
    number: NDArray[np.int64] = column("i8", 0, "number in the capture, from 1")
    linktype: NDArray[np.uint16] = column("u2", 0, "LINKTYPE_ value of tcpdump.org")
    fcs_bytes: NDArray[np.uint8] = column("u1", 0, "FCS that the file says is there")

    raw: NDArray[np.uint8]
