"""
Run captures through decoding and the pipeline, as `sentinel analyze` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from sentinel_netlab.core.alerts import Alert, Severity
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.inventory import Network
from sentinel_netlab.core.observations import Observation
from sentinel_netlab.decode.block import BlockDecoder
from sentinel_netlab.decode.packets import Packets
from sentinel_netlab.decode.records import open_records
from sentinel_netlab.detect import BUILTIN, Detector
from sentinel_netlab.sensor.capture.reader import CaptureReader
from sentinel_netlab.sensor.pipeline import Counts, Pipeline

WHOLE = 1 << 30
"""Frames in a block when a capture is not to be cut."""


@dataclass(frozen=True)
class Result:
    """What came out; alerts in their last state, by onset, then code and key."""

    alerts: list[Alert]
    observations: list[Observation]
    networks: list[Network]
    counts: Counts
    broken: dict[str, str]

    def at_least(self, severity: Severity) -> list[Alert]:
        """Alerts that are as severe as *severity* or more."""
        return [alert for alert in self.alerts if alert.severity >= severity]

    def of(self, slug: str) -> list[Alert]:
        """Alerts of the detector *slug*."""
        return [alert for alert in self.alerts if alert.slug == slug]


def packets_of(path: str | Path, block_frames: int = 4096) -> list[Packets]:
    """Packets of the capture at *path*, block by block."""
    with CaptureReader(str(path), block_frames=block_frames) as reader:
        return list(reader.blocks())


def packets_in(data: bytes, block_frames: int = 4096) -> list[Packets]:
    """Packets of the (uncompressed) capture *data*; raises NotACapture."""
    records = open_records(data[:24], block_frames)
    return list(records.feed(data, last=True))


def decoded(blocks: Iterable[Packets]) -> list[Frames]:
    """Frames of the packets of one stream."""
    decoder = BlockDecoder()
    return [decoder.decode(packets) for packets in blocks]


def frames_of(path: str | Path, block_frames: int = 4096) -> list[Frames]:
    """Frames of the capture at *path*, block by block."""
    return decoded(packets_of(path, block_frames))


def split(packets: Packets, cuts: Iterable[int]) -> list[Packets]:
    """*packets* cut in front of the rows *cuts*; no part is empty."""
    inside = sorted({cut for cut in cuts if 0 < cut < len(packets)})
    edges = [0, *inside, len(packets)]
    return [
        Packets(**packets.take_columns(slice(low, high)), raw=packets.raw)
        for low, high in pairwise(edges)
    ]


def every(packets: Packets, frames: int) -> list[Packets]:
    """*packets* in blocks of *frames*."""
    return split(packets, range(frames, len(packets), frames))


def joined(blocks: Sequence[Packets]) -> Packets:
    """*blocks* as one, over their joined bytes."""
    if len(blocks) == 1:
        return blocks[0]
    parts = [block.take_columns(slice(None)) for block in blocks]
    at = 0
    for part, block in zip(parts, blocks, strict=True):
        part["start"] = part["start"] + at
        at += len(block.raw)
    columns = {
        name: np.concatenate([part[name] for part in parts])
        for name in Packets.columns()
    }
    return Packets(**columns, raw=np.concatenate([block.raw for block in blocks]))


def run(
    source: str | Path | Iterable[Frames],
    detectors: Sequence[Detector] | None = None,
    block_frames: int = 4096,
) -> Result:
    """Run *source*, a capture or its frames, through all or the given *detectors*."""
    if isinstance(source, str | Path):
        source = frames_of(source, block_frames)
    rules = [rule() for rule in BUILTIN] if detectors is None else detectors
    pipeline = Pipeline(rules)
    alerts: dict[str, Alert] = {}
    observations: list[Observation] = []
    for frames in source:
        changes = pipeline.feed(frames)
        alerts |= {alert.id: alert for alert in changes.alerts}
        observations += changes.observations
    changes = pipeline.finish()
    alerts |= {alert.id: alert for alert in changes.alerts}
    observations += changes.observations
    return Result(
        alerts=sorted(alerts.values(), key=lambda a: (a.first_seen_us, a.code, a.key)),
        observations=observations,
        networks=pipeline.inventory.networks() if pipeline.inventory else [],
        counts=pipeline.counts,
        broken=dict(pipeline.engine.broken),
    )
