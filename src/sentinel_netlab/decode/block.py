"""
Packets → Frames: all steps of decoding, in order.
"""

from __future__ import annotations

import numpy as np

from sentinel_netlab.core.clock import EventClock
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.decode import actions, eapol, links, mac, management, protection
from sentinel_netlab.decode.columns import BlockColumns
from sentinel_netlab.decode.elements import ElementCache
from sentinel_netlab.decode.gather import Gather
from sentinel_netlab.decode.packets import Packets

COPIED = {
    "ts_us": "ts_us",
    "number": "number",
    "linktype": "linktype",
    "packet_start": "start",
    "packet_length": "length",
    "wire_length": "wire_length",
}
"""Columns of `Frames` that `Packets` has already."""


class BlockDecoder:
    """
    Decodes the packets of one stream, block by block.

    It remembers parsed elements (bounded) and the event clock between blocks; neither
    makes the result depend on where the stream was cut.
    """

    def __init__(self) -> None:
        self._elements = ElementCache()
        self._clock = EventClock()

    def decode(self, packets: Packets) -> Frames:
        """
        The frames of *packets*, one row each, in the same order.

        Never raises on what is in the packets; a row that cannot be decoded says why
        in ``malformed``.
        """
        columns = BlockColumns(len(packets))
        for name, origin in COPIED.items():
            columns[name] = getattr(packets, origin)
        columns["elapsed_us"] = self._clock.stamp(packets.ts_us)
        columns["fcs_bytes"] = packets.fcs_bytes
        gather = Gather(packets.raw)
        links.fill(gather, columns)
        mac.fill(gather, columns)
        sets = management.fill(gather, columns, self._elements)
        protection.fill(gather, columns)
        of_eapol = eapol.rows(gather, columns)
        of_actions = actions.rows(gather, columns)
        return Frames(
            **columns.finished(),
            raw=packets.raw,
            element_sets=sets,
            eapol=of_eapol,
            actions=of_actions,
        )

    def advance(self, now_us: int) -> int:
        """Elapsed time at *now_us*, until when no packet came."""
        return int(self._clock.stamp(np.array([now_us], np.int64))[0])
