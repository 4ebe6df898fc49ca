"""
The capture that is measured: real frames, repeated with later times until enough.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from sentinel_netlab.decode.packets import Packets
from sentinel_netlab.sensor.capture.files import find_captures
from sentinel_netlab.sensor.capture.reader import CaptureError, CaptureReader

ROOT = Path(__file__).resolve().parent.parent
SOURCES = (ROOT.parent / "shared/captures/hwsim", ROOT / "tests/scenarios")
RADIOTAP = 127
GAP_US = 1_000_000


def sources() -> Path:
    """The folder that the frames come from: the shared captures, or the shipped."""
    return next(folder for folder in SOURCES if folder.is_dir())


def build(path: Path, frames: int) -> int:
    """Write *frames* radiotap frames, or a block more, as pcap; how many."""
    written = 0
    clock_us = 1_700_000_000_000_000
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, RADIOTAP))
        while written < frames:
            for capture in find_captures([str(sources())]):
                first_us, last_us = None, clock_us
                for packets in _blocks(capture) if written < frames else ():
                    times = packets.ts_us.tolist()
                    first_us = times[0] if first_us is None else first_us
                    shift_us = clock_us - first_us
                    file.write(b"".join(_records(packets, shift_us)))
                    written += len(packets)
                    last_us = max(last_us, max(times) + shift_us)
                clock_us = last_us + GAP_US
    return written


def stream(frames: int, names: str = "*") -> Iterator[tuple[bytes, int]]:
    """*frames* radiotap frames of captures *names*, and their lengths on the air."""
    every = [Path(one) for one in find_captures([str(sources())])]
    chosen = [str(one) for one in every if fnmatch(one.name, names)] or every
    left = frames
    while True:
        for capture in map(str, chosen):
            for packets in _blocks(capture):
                for start, length, wire in zip(
                    packets.start.tolist(),
                    packets.length.tolist(),
                    packets.wire_length.tolist(),
                    strict=True,
                ):
                    if not left:
                        return
                    left -= 1
                    yield packets.raw[start : start + length].tobytes(), wire


def _blocks(capture: str) -> Iterator[Packets]:
    try:
        with CaptureReader(capture) as reader:
            for packets in reader.blocks():
                if (packets.linktype == RADIOTAP).all():
                    yield packets
    except CaptureError:
        return


def _records(packets: Packets, shift_us: int) -> Iterator[bytes]:
    for start, length, wire, ts_us in zip(
        packets.start.tolist(),
        packets.length.tolist(),
        packets.wire_length.tolist(),
        packets.ts_us.tolist(),
        strict=True,
    ):
        seconds, micros = divmod(ts_us + shift_us, 1_000_000)
        yield struct.pack("<IIII", seconds, micros, length, wire)
        yield packets.raw[start : start + length].tobytes()
