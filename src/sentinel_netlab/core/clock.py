"""
Event time that never runs backwards, made from the time stamps of a capture.

Captures are not in order: several radios interleave by milliseconds, clocks are set
back by hours, and real files jump by years.  Windows need a time axis that only goes
forward.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEP_BACK_US = 10_000_000
"""A time stamp this far behind is a clock set back, not frames out of order."""

ALIGN_US = 10_000_000
"""Shifts are multiples of this, so that windows of 10 s stay aligned to event time."""


class EventClock:
    """
    Makes ``elapsed_us`` from ``ts_us``.

    Frames slightly out of order get the time of the newest frame before them.  After a
    step back by more than `STEP_BACK_US` all times are shifted forward, so that elapsed
    time goes on; after a step forward it steps forward too.
    """

    def __init__(self) -> None:
        self._newest_us: int | None = None
        self._shift_us = 0

    def stamp(self, ts_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Elapsed time of the next frames; the cut into calls does not matter."""
        parts = []
        at = 0
        while at < len(ts_us):
            part = self._until_step(ts_us[at:])
            parts.append(part)
            at += len(part)
        if len(parts) == 1:
            return parts[0]
        return np.concatenate((*parts, ts_us[:0]))

    def _until_step(self, ts_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Elapsed time up to the next step back; makes the shift if that is first."""
        shifted = ts_us + self._shift_us
        newest_us = int(shifted[0]) if self._newest_us is None else self._newest_us
        behind_us = newest_us - int(shifted[0])
        if behind_us > STEP_BACK_US:
            shift_us = -(-behind_us // ALIGN_US) * ALIGN_US
            self._shift_us += shift_us
            shifted += shift_us
        highest = np.maximum(np.maximum.accumulate(shifted), newest_us)
        steps = np.flatnonzero(highest - shifted > STEP_BACK_US)
        if len(steps):
            highest = highest[: int(steps[0])]
        self._newest_us = int(highest[-1])
        return highest
