"""
Print the busiest benign peak of every detector, and the peaks of the attacks.

``python tools/peaks.py [FOLDER]`` runs the detectors with their thresholds as low as
they go over the captures of FOLDER (default ``../shared/captures``) that its manifests
call benign, and with their defaults over the attacks.  The Threshold section of a
detector's page quotes these figures.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from sentinel_netlab.cli.analysis import Analysis
from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.detect import BUILTIN, Detector
from sentinel_netlab.detect.params import specs_of, with_values
from sentinel_netlab.sensor.capture.reader import CaptureError

ROOT = Path(__file__).resolve().parent.parent
LOWERED = ("threshold", "swaps", "burst_frames", "steady_frames")


def captures(folder: Path) -> Iterator[tuple[Path, bool]]:
    """The captures that the manifests judge, and whether they are benign."""
    for part, key in (("hwsim", "expected"), ("public", "truth")):
        for entry in json.loads((folder / part / "manifest.json").read_text()):
            if key in entry:
                yield folder / part / entry["file"], entry[key] == []


def lowered() -> list[Detector]:
    """All detectors with thresholds as low as they go; posture has none."""
    made = []
    for detector in BUILTIN:
        values: dict[str, str | float] = {
            name: int(spec.least)
            for name, (_, spec) in specs_of(detector.Params).items()
            if name.startswith(LOWERED)
        }
        if not detector.code.startswith("WD6"):
            made.append(detector(with_values(detector.Params(), values)))
    return made


def usual() -> list[Detector]:
    """All detectors as they are."""
    return [detector() for detector in BUILTIN]


def peaks(alerts: list[Alert]) -> Iterator[tuple[str, str, float]]:
    """Code, name and value of each measured peak."""
    for alert in alerts:
        for name, value in alert.evidence.items():
            if name.startswith("peak") and isinstance(value, (int, float)):
                yield alert.code, name, value


def main() -> None:
    """Print a table."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared/captures"
    best: dict[tuple[str, str, str], tuple[float, str]] = {}
    for path, benign in captures(folder):
        try:
            run = Analysis(lowered if benign else usual).run(str(path))
        except CaptureError:
            continue
        kind = "benign" if benign else "attack"
        for code, name, value in peaks(run.alerts):
            key = (code, name, kind)
            if value > best.get(key, (-1, ""))[0]:
                best[key] = (value, path.name)
    for (code, name, kind), (value, capture) in sorted(best.items()):
        print(f"{code} {name:24} {kind} {value:>8g}  {capture}")


if __name__ == "__main__":
    main()
