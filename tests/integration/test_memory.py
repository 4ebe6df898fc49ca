"""Memory does not grow with the size of a capture."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from tests.meta.test_sizes import ROOT
from tests.support.air import Air, beacon, data, deauth

MIB = 1 << 20
MOST_MIB = 400
READ = (0, 1)
"""Status of a run that ended well, without and with alerts."""


def records() -> bytes:
    """About a megabyte of records: beacons, data and goodbyes of some networks."""
    air = Air()
    for number in range(6000):
        bssid = 0x020000000000 + number % 20
        air.send(beacon(bssid=bssid, sequence=number), after_us=500)
        air.send(data(bytes(100), bssid=bssid, sequence=number), after_us=500)
    air.send(deauth(), after_us=500)
    return air.pcap()[24:]


MEASURED = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(used.ru_maxrss, os.waitstatus_to_exitcode(status))
"""
"""Between us and the process: the kernel counts what it was before its exec."""


def analyze(size_mib: int) -> tuple[float, int]:
    """Peak memory in MiB and exit status of `sentinel analyze -` for so much input."""
    part = records()
    analysis = [sys.executable, "-m", "sentinel_netlab", "analyze", "-"]
    with subprocess.Popen(
        [sys.executable, "-c", MEASURED, *analysis],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(Air().pcap())
        for _ in range(size_mib * MIB // len(part)):
            process.stdin.write(part)
        told, _ = process.communicate()
    peak_kib, status = told.split()
    return int(peak_kib) / 1024, int(status)


def test_sixty_four_mebibytes_take_little_memory():
    """A small size, at every change."""
    peak_mib, status = analyze(64)

    assert status in READ
    assert peak_mib < MOST_MIB


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_four_gibibytes_take_little_memory():
    """The size that is promised; the figures go to docs/evidence."""
    began = time.monotonic()
    peak_mib, status = analyze(4096)
    evidence = {
        "commit": subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip(),
        "input_mib": 4096,
        "peak_memory_mib": round(peak_mib, 1),
        "limit_mib": MOST_MIB,
        "duration_s": round(time.monotonic() - began, 1),
        "result": "passed" if peak_mib < MOST_MIB and status in READ else "failed",
    }
    path = ROOT / "docs/evidence/memory.json"
    path.write_text(json.dumps(evidence, indent=2) + "\n")

    assert evidence["result"] == "passed"
