"""
Run the pipeline over captures: one run per file, or one over all of them joined.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.inventory import Network
from sentinel_netlab.decode.block import BlockDecoder
from sentinel_netlab.decode.links import SUPPORTED, unsupported
from sentinel_netlab.detect import Detector
from sentinel_netlab.sensor.capture.join import joined
from sentinel_netlab.sensor.capture.reader import CaptureError, CaptureReader
from sentinel_netlab.sensor.pipeline import Counts, Pipeline

Progress = Callable[[int], None]
"""Told how many bytes of the file have been read."""

RARELY = 20_000
"""New objects after which the garbage collector looks at them; 700 is its own."""


@dataclass(slots=True)
class Run:
    """
    What came out of one run.

    Attributes:
        capture: path of the capture as it was given, or of all of them with ``+``.
        alerts: worst first.
        warnings: what is wrong with the file, one sentence each.
        broken: detectors that failed, by code.
        left_out: networks and stations beyond the bounds of the inventory.
    """

    capture: str
    counts: Counts
    alerts: list[Alert] = field(default_factory=list)
    networks: list[Network] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    left_out: int = 0


class Analysis:
    """
    How captures are to be run.

    Args:
        detectors: makes fresh detectors for each run.
        keep_bad_fcs: use frames whose check sequence was wrong.
    """

    def __init__(
        self,
        detectors: Callable[[], Sequence[Detector]],
        *,
        keep_bad_fcs: bool = False,
    ) -> None:
        self._detectors = detectors
        self._keep_bad_fcs = keep_bad_fcs

    def run(self, path: str, progress: Progress | None = None) -> Run:
        """
        Run one capture.

        Raises:
            CaptureError: it is no capture, or holds no 802.11 frames by its link types.
        """
        with CaptureReader(path) as reader:
            source = FrameSource(reader, progress)
            return self._run(path, [source], iter(source))

    def run_joined(self, paths: Sequence[str]) -> Run:
        """Run several captures as one, in time order; raises as `run`."""
        readers = [CaptureReader(path) for path in paths]
        sources = [FrameSource(reader, None) for reader in readers]
        try:
            name = "+".join(paths)
            return self._run(name, sources, joined([iter(s) for s in sources]))
        finally:
            for reader in readers:
                reader.close()

    def _run(
        self, name: str, sources: list[FrameSource], frames: Iterator[Frames]
    ) -> Run:
        pipeline = Pipeline(
            self._detectors(), observations=False, keep_bad_fcs=self._keep_bad_fcs
        )
        alerts: dict[str, Alert] = {}
        with _rare_collections():
            for block in frames:
                alerts |= {alert.id: alert for alert in pipeline.feed(block).alerts}
        alerts |= {alert.id: alert for alert in pipeline.finish().alerts}
        inventory = pipeline.inventory
        return Run(
            capture=name,
            counts=pipeline.counts,
            alerts=sorted(alerts.values(), key=_worst_first),
            networks=inventory.networks() if inventory else [],
            warnings=[text for source in sources for text in source.warnings()],
            broken=dict(pipeline.engine.broken),
            left_out=inventory.left_out if inventory else 0,
        )


class FrameSource:
    """Frames of one capture, and what is to be said of it afterwards."""

    def __init__(self, reader: CaptureReader, progress: Progress | None) -> None:
        self._reader = reader
        self._progress = progress
        self._foreign: dict[int, int] = {}
        self._frames = 0

    def __iter__(self) -> Iterator[Frames]:
        decoder = BlockDecoder()
        for packets in self._reader.blocks():
            frames = decoder.decode(packets)
            self._frames += len(frames)
            self._count_foreign(frames)
            if self._progress is not None:
                self._progress(self._reader.read_bytes)
            yield frames
        if self._foreign and sum(self._foreign.values()) == self._frames:
            linktype = next(iter(self._foreign))
            msg = f"{self._reader.path}: {unsupported(linktype)}"
            raise CaptureError(msg)

    def warnings(self) -> list[str]:
        """Damage of the file, and frames of link types that cannot be read."""
        return self._reader.warnings + [
            f"{self._reader.path}: {count} packets left out: {unsupported(linktype)}"
            for linktype, count in self._foreign.items()
        ]

    def _count_foreign(self, frames: Frames) -> None:
        for linktype, count in zip(
            *np.unique(frames.linktype, return_counts=True), strict=True
        ):
            if int(linktype) not in SUPPORTED:
                known = self._foreign.get(int(linktype), 0)
                self._foreign[int(linktype)] = known + int(count)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Let the collector look less often at objects that are many and free of cycles."""
    known = gc.get_threshold()
    gc.set_threshold(RARELY, *known[1:])
    try:
        yield
    finally:
        gc.set_threshold(*known)


def _worst_first(alert: Alert) -> tuple[int, int, str, str]:
    return -alert.severity, alert.first_seen_us, alert.code, alert.key
