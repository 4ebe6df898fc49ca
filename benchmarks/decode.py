"""
``python -m benchmarks.decode FILE [BLOCK_FRAMES]``: decode to columns, as a process.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `sentinel` does

from sentinel_netlab.decode.block import BlockDecoder
from sentinel_netlab.sensor.capture.reader import BLOCK_FRAMES, CaptureReader


def main() -> None:
    """Decode all frames and print how many there were."""
    size = int(sys.argv[2]) if len(sys.argv) > 2 else BLOCK_FRAMES
    decoder, frames = BlockDecoder(), 0
    with CaptureReader(sys.argv[1], block_frames=size) as reader:
        for packets in reader.blocks():
            frames += len(decoder.decode(packets))
    print(frames)


if __name__ == "__main__":
    main()
