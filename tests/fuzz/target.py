"""
What is fuzzed: a capture in memory, through decoding, detection and the survey.
"""

from __future__ import annotations

import random
import warnings

from sentinel_netlab.decode.block import BlockDecoder
from sentinel_netlab.decode.records import NotACapture, open_records
from sentinel_netlab.detect import BUILTIN
from sentinel_netlab.sensor.pipeline import Pipeline

MOST_BYTES = 1 << 16
BLOCK_FRAMES = 64


class BrokenDetectorError(AssertionError):
    """A detector raised; the engine left it out, which on the air would be silent."""


def analyse(content: bytes) -> int:
    """
    Frames in the capture *content*, after all of the pipeline.

    Raises:
        BrokenDetectorError: a detector raised; whatever else raises is a finding too,
            and so is a warning.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            records = open_records(content[:24], BLOCK_FRAMES)
        except NotACapture:
            return 0
        decoder = BlockDecoder()
        pipeline = Pipeline([rule() for rule in BUILTIN])
        for packets in records.feed(content, last=True):
            pipeline.feed(decoder.decode(packets))
        pipeline.finish()
        if pipeline.inventory is not None:
            pipeline.inventory.networks()
    if pipeline.engine.broken:
        raise BrokenDetectorError(str(pipeline.engine.broken))
    return pipeline.counts.frames


def mutated(content: bytes, dice: random.Random) -> bytes:
    """*content* with a few bytes changed, cut out, doubled or put elsewhere."""
    data = bytearray(content)
    for _ in range(dice.choice((1, 2, 4, 8, 32))):
        at = dice.randrange(len(data))
        size = dice.randrange(1, 64)
        match dice.randrange(6):
            case 0 | 1:
                data[at] = dice.randrange(256)
            case 2:
                data[at] = dice.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF))
            case 3:
                del data[at : at + size]
            case 4:
                data[at:at] = data[at : at + size]
            case 5:
                to = dice.randrange(len(data))
                data[to : to + size] = data[at : at + size]
        if len(data) < 24:
            return bytes(data).ljust(24, b"\0")
    return bytes(data[:MOST_BYTES])
