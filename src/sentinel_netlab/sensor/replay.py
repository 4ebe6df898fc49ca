"""
A capture file as if it were heard now.

Times stay those of the capture unless they are shifted; a repeated capture is always
shifted, for time does not begin again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from sentinel_netlab.decode.packets import Packets
from sentinel_netlab.sensor.capture.reader import CaptureReader

LATENCY_US = 200_000
"""Packets of so long a time are a block, as a radio's ring gives them."""
LONGEST_WAIT_S = 0.5
LONGEST_GAP_US = 60_000_000
GAP_US = 1_000_000
"""Between the end of a capture and its repetition."""


@dataclass(frozen=True, slots=True)
class Speed:
    """
    How fast a capture is replayed.

    Attributes:
        factor: seconds of the capture in a second; None: as fast as it can be read.
    """

    factor: float | None = 1.0

    @classmethod
    def parse(cls, text: str) -> Speed:
        """
        ``max``, or a number above 0.

        Raises:
            ValueError: it is neither.
        """
        if text == "max":
            return cls(None)
        try:
            factor = float(text)
        except ValueError:
            factor = 0.0
        if not 0 < factor <= 1e6:
            raise ValueError("a speed is a number above 0, or max")
        return cls(factor)


class Replay:
    """
    A capture at a speed.

    Args:
        path: as `CaptureReader` takes it.
        start_us: time of its first packet from now on; None: that of the capture.
        loop: begin again at the end, until the caller stops.
        monotonic: a clock in seconds.
        wait: waits a number of seconds; True: the caller wants an end.

    Attributes:
        warnings: what is wrong with the file.
    """

    def __init__(
        self,
        path: str,
        *,
        speed: Speed,
        start_us: int | None,
        loop: bool,
        monotonic: Callable[[], float],
        wait: Callable[[float], bool],
    ) -> None:
        self._path = path
        self._speed = speed
        self._start_us = start_us
        self._loop = loop
        self._monotonic = monotonic
        self._wait = wait
        self._shift_us = 0
        self._last_us: int | None = None
        self._at_us: int | None = None
        self._due = 0.0
        self._base = self._newest_number = 0
        self.warnings: list[str] = []

    def blocks(self) -> Iterator[Packets]:
        """
        The packets, when it is their time.

        Raises:
            CaptureError: the file is no capture.
        """
        while True:
            with CaptureReader(self._path) as reader:
                yield from self._once(reader)
                self.warnings = reader.warnings
            if not self._loop or self._last_us is None or self._wait(0):
                return
            self._start_us = self._last_us + GAP_US
            self._base = self._newest_number

    def _once(self, reader: CaptureReader) -> Iterator[Packets]:
        is_first = True
        for packets in reader.blocks():
            if is_first:
                self._begin(int(packets.ts_us[0]))
                is_first = False
            for part in self._parts(self._moved(packets)):
                if self._wait_for(part):
                    return
                yield part

    def _begin(self, first_us: int) -> None:
        self._shift_us = 0 if self._start_us is None else self._start_us - first_us

    def _moved(self, packets: Packets) -> Packets:
        moved = replace(
            packets,
            ts_us=packets.ts_us + self._shift_us,
            number=packets.number + self._base,
        )
        newest_us = int(moved.ts_us.max())
        self._last_us = max(newest_us, self._last_us or newest_us)
        self._newest_number = int(moved.number[-1])
        return moved

    def _parts(self, packets: Packets) -> Iterator[Packets]:
        """*packets* by the time that a radio would take to give them."""
        if self._speed.factor is None:
            yield packets
            return
        slot = np.maximum.accumulate(packets.ts_us) // LATENCY_US
        ends = [*(np.flatnonzero(np.diff(slot)) + 1).tolist(), len(packets)]
        for start, end in zip([0, *ends], ends, strict=False):
            part = packets.take_columns(slice(start, end))
            yield Packets(**part, raw=packets.raw)

    def _wait_for(self, packets: Packets) -> bool:
        """Wait until a radio would have given them; True: an end is wanted."""
        if self._speed.factor is None:
            return self._wait(0)
        now_us = int(packets.ts_us[-1])
        if self._at_us is None:
            self._at_us, self._due = now_us, self._monotonic()
        # Clocks that were set back cost no time, and a gap of days is not waited for.
        passed_us = min(max(now_us - self._at_us, 0), LONGEST_GAP_US)
        self._at_us = now_us
        self._due += passed_us / 1e6 / self._speed.factor
        while (left_s := self._due - self._monotonic()) > 0:
            if self._wait(min(left_s, LONGEST_WAIT_S)):
                return True
        return self._wait(0)
