"""
The same input gives the same bytes, and the logic never looks at a clock.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.shared import ROOT

SOURCE = ROOT / "src" / "sentinel_netlab"
LOGIC = ("core", "decode", "detect", "survey")
MODULES = sorted(path for folder in LOGIC for path in (SOURCE / folder).rglob("*.py"))
CLOCKS = {"now", "utcnow", "today", "monotonic", "perf_counter", "time_ns", "urandom"}
CLOCK_MODULES = {"time", "random", "secrets", "uuid"}
CAPTURES = sorted((ROOT / "tests").glob("scenarios/*/*/capture.pcap.gz"))


def analysed(captures: list[Path], *options: str, seed: str) -> bytes:
    """Output of ``sentinel analyze`` with Python's hashes seeded by *seed*."""
    command = [sys.executable, "-m", "sentinel_netlab", "analyze", *map(str, captures)]
    environment = os.environ | {
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": str(ROOT / "src"),
        "TZ": "UTC" if seed == "1" else "Asia/Kathmandu",
    }
    done = subprocess.run(
        [*command, *options], capture_output=True, check=False, env=environment
    )
    assert done.returncode in {0, 1}, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("output_format", ["jsonl", "csv", "table"])
def test_two_runs_are_byte_identical(output_format: str) -> None:
    """Neither hash seed nor time zone nor the moment shows in the output."""
    options = ("--format", output_format)

    first = analysed(CAPTURES, *options, seed="1")
    second = analysed(CAPTURES, *options, seed="2")

    assert first == second
    assert len(first) > 1000


def test_evidence_files_are_byte_identical(tmp_path: Path) -> None:
    """So are the frames that are written as evidence."""
    written = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        analysed(CAPTURES[:6], "--evidence", str(folder), seed=seed)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        written.append({p.name: p.read_bytes() for p in files})

    assert written[0] == written[1]
    assert written[0]


def read_clocks(path: Path) -> list[str]:
    """Imports and attributes in the module at *path* that tell the time, or chance."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".")[0] for alias in node.names]
            found += [name for name in names if name in CLOCK_MODULES]
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").split(".")[0]
            found += [module] if module in CLOCK_MODULES else []
        elif isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            found.append(node.attr)
    return found


@pytest.mark.parametrize(
    "path", MODULES, ids=[str(path.relative_to(SOURCE)) for path in MODULES]
)
def test_module_reads_no_clock(path: Path) -> None:
    """Time is a column or an argument in core, decode, detect and survey."""
    assert read_clocks(path) == []


def test_clock_is_noticed(tmp_path: Path) -> None:
    """The check above sees a clock where there is one."""
    path = tmp_path / "module.py"
    path.write_text("import time\nfrom datetime import datetime\nx = datetime.now()\n")

    assert read_clocks(path) == ["time", "now"]
