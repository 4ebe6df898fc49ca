"""
Where the bodies of EAPOL packets of one type lie.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.decode.gather import Offsets


class Bodies(NamedTuple):
    """
    Packet bodies, one of each array per packet.

    Attributes:
        which: place of the packet in the table.
        at: offset of the body.
        captured: bytes of it that may be read.
        claimed: bytes that it has on the air; more than captured only where the capture
            or fragmentation cut the frame.
    """

    which: NDArray[np.intp]
    at: Offsets
    captured: Offsets
    claimed: Offsets

    def of(self, chosen: NDArray[np.bool_]) -> Bodies:
        """Those that are *chosen*."""
        return Bodies(*(values[chosen] for values in self))
