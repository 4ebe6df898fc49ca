"""
The way of frames on a sensor: detectors, observations, inventory, counts.

`sentinel analyze` and the sensor agent run the same pipeline.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.core.frames import NO_HEADER, Frames
from sentinel_netlab.core.observations import Observation
from sentinel_netlab.detect import Detector
from sentinel_netlab.detect.engine import Engine
from sentinel_netlab.survey import InventoryBuilder, Survey


@dataclass(slots=True)
class Counts:
    """
    What a stream held.

    Attributes:
        frames: rows, of whatever kind; bad_fcs, malformed, unreadable: of those, frames
            whose check failed, that are damaged in any way, that have no usable header.
        first_us, last_us: lowest and highest event time, None while there is no frame.
        by_kind: frames with a usable header by kind (core.kinds).
    """

    frames: int = 0
    bad_fcs: int = 0
    malformed: int = 0
    unreadable: int = 0
    first_us: int | None = None
    last_us: int | None = None
    by_kind: Counter[int] = field(default_factory=Counter)

    def add(self, frames: Frames) -> None:
        """Count a block."""
        if not len(frames):
            return
        self.frames += len(frames)
        self.bad_fcs += int(np.count_nonzero(frames.bad_fcs))
        self.malformed += int(np.count_nonzero(frames.malformed))
        usable = (frames.malformed & NO_HEADER) == 0
        self.unreadable += len(frames) - int(np.count_nonzero(usable))
        kinds = np.bincount(frames.kind[usable], minlength=1)
        self.by_kind.update({kind: int(n) for kind, n in enumerate(kinds) if n})
        first_us, last_us = int(frames.ts_us.min()), int(frames.ts_us.max())
        self.first_us = (
            first_us if self.first_us is None else min(self.first_us, first_us)
        )
        self.last_us = last_us if self.last_us is None else max(self.last_us, last_us)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a block brought: alerts as they are now, observations that are complete."""

    alerts: list[Alert]
    observations: list[Observation]


class Pipeline:
    """
    Everything that a sensor does with frames, for one stream.

    Args:
        detectors: run over every block.
        sensor: name that goes into alert ids.
        inventory: also collect networks and stations.
        observations: also make observations.
        keep_bad_fcs: treat frames whose check failed like the others.
    """

    def __init__(
        self,
        detectors: Sequence[Detector],
        *,
        sensor: str = "",
        inventory: bool = True,
        observations: bool = True,
        keep_bad_fcs: bool = False,
    ) -> None:
        self.engine = Engine(detectors, sensor=sensor)
        self.survey = Survey() if observations else None
        self.inventory = InventoryBuilder() if inventory else None
        self.counts = Counts()
        self._keep_bad_fcs = keep_bad_fcs

    def feed(self, frames: Frames) -> Changes:
        """Take in the next block."""
        self.counts.add(frames)
        if frames.bad_fcs.any():
            good = np.flatnonzero(~frames.bad_fcs)
            frames = frames.with_good_fcs() if self._keep_bad_fcs else frames.take(good)
        if self.inventory is not None:
            self.inventory.add(frames)
        observed = self.survey.add(frames) if self.survey is not None else []
        return Changes(self.engine.inspect(frames), observed)

    def advance(self, now_us: int) -> Changes:
        """
        Let time pass in which nothing was heard, so that what is over ends.

        Args:
            now_us: elapsed time, as in `Frames.elapsed_us`.
        """
        observed = self.survey.advance(now_us) if self.survey is not None else []
        return Changes(self.engine.advance(now_us), observed)

    def finish(self) -> Changes:
        """Close what is open; to be called once, at the end."""
        observed = self.survey.finish() if self.survey is not None else []
        return Changes(self.engine.finish(), observed)
