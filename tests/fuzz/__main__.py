"""
Fuzz with coverage guidance for a while: ``python -m tests.fuzz [seconds]``.

The result goes to docs/evidence/fuzz.json; an input that breaks something is left in
the folder that is named at the end.  Without atheris the mutations are blind.
"""

# ruff: noqa: T201  # a program for the terminal that runs by the clock

from __future__ import annotations

import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.fuzz.seeds import seeds
from tests.fuzz.target import MOST_BYTES, analyse, mutated
from tests.support.shared import ROOT

EVIDENCE = ROOT / "docs" / "evidence" / "fuzz.json"
DEFAULT_S = 600
SEED = 20240624
SLOW_S = 10
"""A single input that takes longer counts as a hang."""
MOST_MEMORY_MIB = 1024
ROUND_S = 100


def main() -> int:
    """Fuzz, write what came of it, and give the exit status."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_S
    guided = importlib.util.find_spec("atheris") is not None
    print(f"fuzzing for {seconds} s, {'guided by coverage' if guided else 'blind'}")
    begun = time.perf_counter()
    outcome = _guided(seconds) if guided else _blind(seconds)
    report = {
        "commit": _commit(),
        "python": sys.version.split()[0],
        "engine": "atheris" if guided else "seeded mutations",
        "seed": SEED,
        "duration_s": round(time.perf_counter() - begun),
        **outcome,
    }
    EVIDENCE.parent.mkdir(parents=True, exist_ok=True)
    EVIDENCE.write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))
    return 0 if report["result"] == "nothing found" else 1


def _guided(seconds: int) -> dict[str, Any]:
    """
    Fuzz in rounds, a process each, over a corpus that grows.

    The instrumentation keeps memory for every input that it tries; a fresh process
    gives it back, so that the limit is about the program.
    """
    work = Path(tempfile.mkdtemp(prefix="sentinel-fuzz-"))
    corpus = work / "corpus"
    corpus.mkdir()
    for name, content in seeds().items():
        (corpus / name).write_bytes(content)
    executions = new_inputs = peak_mib = 0
    result = "nothing found"
    for number in range(-(-seconds // ROUND_S)):
        left_s = min(ROUND_S, seconds - number * ROUND_S)
        status, text = _round(work, left_s, SEED + number)
        executions += _statistic(text, "stat::number_of_executed_units")
        new_inputs += _statistic(text, "stat::new_units_added")
        peak_mib = max(peak_mib, _statistic(text, "stat::peak_rss_mb"))
        if status:
            result = f"see {work}"
            break
    return {
        "executions": executions,
        "new_inputs": new_inputs,
        "peak_memory_mib": peak_mib,
        "result": result,
    }


def _round(work: Path, seconds: int, seed: int) -> tuple[int, str]:
    """Exit status and log of one process."""
    options = {
        "max_total_time": seconds,
        "max_len": MOST_BYTES,
        "seed": seed,
        "timeout": SLOW_S,
        "rss_limit_mb": MOST_MEMORY_MIB,
        "print_final_stats": 1,
        "artifact_prefix": f"{work}/",
    }
    command = [sys.executable, "-m", "tests.fuzz.guided", str(work / "corpus")]
    command += [f"-{name}={value}" for name, value in options.items()]
    log = work / "log.txt"
    with log.open("wb") as stream:
        done = subprocess.run(
            command,
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), "src"))},
        )
    return done.returncode, log.read_text(errors="replace")


def _statistic(text: str, name: str) -> int:
    lines = [line for line in text.splitlines() if line.startswith(name)]
    return int(lines[-1].split()[-1]) if lines else 0


def _blind(seconds: int) -> dict[str, Any]:
    dice, corpus = random.Random(SEED), list(seeds().values())
    end, executions = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        content = mutated(dice.choice(corpus), dice)
        executions += 1
        try:
            analyse(content)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a finding
            work = Path(tempfile.mkdtemp(prefix="sentinel-fuzz-"))
            (work / "input").write_bytes(content)
            result = f"{type(error).__name__}: {error}; see {work}"
            return {"executions": executions, "result": result}
    return {"executions": executions, "result": "nothing found"}


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, check=False, cwd=ROOT
    )
    return done.stdout.decode().strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
