"""
A capture file as a source of the agent.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from sentinel_netlab.sensor.replay import Replay, Speed
from sentinel_netlab.sensor.sources import Item


class Recorded:
    """
    Replays a capture.

    Args:
        start_us: when its first packet is heard; None: when the capture says.
        say: is called with each thing that is wrong with the file.

    Attributes:
        dropped: always 0: a file loses nothing.
    """

    dropped = 0

    def __init__(
        self,
        path: str,
        *,
        speed: Speed,
        loop: bool,
        start_us: int | None,
        monotonic: Callable[[], float],
        say: Callable[[str], None],
    ) -> None:
        self.name = path
        self.state = "replayed"
        self._say = say
        self._stop = threading.Event()
        self._replay = Replay(
            path,
            speed=speed,
            start_us=start_us,
            loop=loop,
            monotonic=monotonic,
            wait=self._wait,
        )

    def run(self, give: Callable[[Item], None]) -> None:
        """
        Give the packets when it is their time.

        Raises:
            CaptureError: it is no capture.
        """
        for packets in self._replay.blocks():
            give((int(packets.ts_us[-1]), packets))
        for warning in self._replay.warnings:
            self._say(warning)
        self.state = "ended"

    def stop(self) -> None:
        """Come to an end."""
        self._stop.set()

    def _wait(self, seconds: float) -> bool:
        return self._stop.wait(seconds) if seconds else self._stop.is_set()
