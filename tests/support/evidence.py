"""What long tests found, written to docs/evidence for people to read."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs/evidence"


def commit() -> str:
    """The commit that is checked out; ``+changes`` when files differ from it."""

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "src", "tests")
    return (git("rev-parse", "HEAD") or "unknown") + ("+changes" if changed else "")


@contextmanager
def evidence(name: str, seed: int) -> Iterator[dict[str, Any]]:
    """
    Write docs/evidence/*name*.json at the end, also of a failure.

    The block fills the dict that it is given with its counts.
    """
    counts: dict[str, Any] = {}
    result, began = "failed", time.monotonic()
    try:
        yield counts
        result = "passed"
    finally:
        FOLDER.mkdir(exist_ok=True)
        found = {
            "commit": commit(),
            "seed": seed,
            "duration_s": round(time.monotonic() - began, 1),
            "result": result,
            "counts": counts,
        }
        text = json.dumps(found, indent=2) + "\n"
        (FOLDER / f"{name}.json").write_text(text)
