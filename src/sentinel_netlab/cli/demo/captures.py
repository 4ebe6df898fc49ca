"""
The captures that the demonstration replays, and what they must raise.

They are those of tests/scenarios, made on virtual radios with real attack tools.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from sentinel_netlab.sensor.capture.reader import CaptureReader

FOLDER = Path(str(files("sentinel_netlab.cli.demo")))


@dataclass(frozen=True, slots=True)
class Capture:
    """
    A capture of the demonstration.

    Attributes:
        expected: number of alerts by slug.
        duration_us: from its first frame to its last.
    """

    path: Path
    expected: dict[str, int]
    duration_us: int

    @property
    def title(self) -> str:
        """Its name, for people."""
        return self.path.name.partition(".")[0].replace("-", ": ").replace("_", " ")


def captures() -> list[Capture]:
    """All of them, in the order in which they are replayed."""
    listed = json.loads((FOLDER / "expected.json").read_text("utf-8"))
    return [
        Capture(FOLDER / name, expected, _duration_us(FOLDER / name))
        for name, expected in listed.items()
    ]


def _duration_us(path: Path) -> int:
    with CaptureReader(str(path)) as reader:
        times = [
            (int(packets.ts_us.min()), int(packets.ts_us.max()))
            for packets in reader.blocks()
        ]
    return max(last for _, last in times) - min(first for first, _ in times)
