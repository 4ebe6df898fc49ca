"""
``make bench``: whole processes against peers on the same capture, in turn.

What is compared is CPU time (user and system) of finished processes; the medians and
their ratios go to ``docs/evidence/bench.json`` with machine and commit.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.corpus import ROOT, build

FIELDS = (
    "frame.time_epoch",
    "wlan.fc.type_subtype",
    "wlan.flags",
    "wlan.duration",
    "wlan.ra",
    "wlan.ta",
    "wlan.da",
    "wlan.sa",
    "wlan.bssid",
    "wlan.seq",
    "wlan.frag",
    "radiotap.dbm_antsignal",
    "radiotap.channel.freq",
    "radiotap.datarate",
    "wlan.fixed.timestamp",
    "wlan.fixed.beacon",
    "wlan.fixed.capabilities",
    "wlan.fixed.reason_code",
    "wlan.fixed.status_code",
    "wlan.fixed.auth.alg",
    "wlan.ssid",
    "wlan.rsn.akms.type",
    "wlan.rsn.pcs.type",
    "wlan_rsna_eapol.keydes.msgnr",
    "wlan.fixed.category_code",
)
"""The fields that our columns hold too."""

GOALS = {
    "decode_vs_tshark": 30.0,
    "decode_vs_tcpdump": 2.0,
    "analyze_vs_tshark": 12.0,
    "analyze_vs_scapy": 300.0,
    "small_blocks_cost": 5.0,
}


def commands(capture: str, small: str) -> dict[str, list[str]]:
    """The processes that are compared; scapy reads *small*."""
    fields = [part for name in FIELDS for part in ("-e", name)]
    python = sys.executable
    return {
        "tshark": ["tshark", "-n", "-r", capture, "-T", "fields", *fields],
        "tcpdump": ["tcpdump", "-n", "-r", capture],
        "scapy": [python, "-m", "benchmarks.scapy_read", small],
        "decode": [python, "-m", "benchmarks.decode", capture],
        "decode_4096": [python, "-m", "benchmarks.decode", capture, "4096"],
        "decode_256": [python, "-m", "benchmarks.decode", capture, "256"],
        "analyze": [
            *(python, "-m", "sentinel_netlab", "analyze"),
            *("--format", "jsonl", capture),
        ],
    }


def measure(command: list[str]) -> tuple[float, float]:
    """CPU seconds and peak memory in MiB of one run."""
    # An installed program is compiled once, not at every start.
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(command[:4])} … ended with {process.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def run(frames: int, small: int, rounds: int) -> dict[str, object]:
    """Build the captures, measure all commands in turn, give figures and ratios."""
    with tempfile.TemporaryDirectory(prefix="sentinel-bench-") as folder:
        capture, part = Path(folder) / "frames.pcap", Path(folder) / "part.pcap"
        count, part_count = build(capture, frames), build(part, small)
        size = capture.stat().st_size
        wanted = commands(str(capture), str(part))
        runs: dict[str, list[tuple[float, float]]] = {name: [] for name in wanted}
        for _ in range(rounds):
            for name, command in wanted.items():
                runs[name].append(measure(command))
                print(f"{name}: {runs[name][-1][0]:.2f} s CPU", flush=True)
    each = {
        name: statistics.median(cpu for cpu, _ in figures)
        / (part_count if name == "scapy" else count)
        * 1e9
        for name, figures in runs.items()
    }
    return {
        "frames": count,
        "scapy_frames": part_count,
        "capture_bytes": size,
        "rounds": rounds,
        "cpu_ns_per_frame": {name: round(value) for name, value in each.items()},
        "peak_memory_mib": {
            name: round(max(mib for _, mib in figures), 1)
            for name, figures in runs.items()
        },
        "ratios": {
            "decode_vs_tshark": round(each["tshark"] / each["decode"], 2),
            "decode_vs_tcpdump": round(each["tcpdump"] / each["decode"], 2),
            "analyze_vs_tshark": round(each["tshark"] / each["analyze"], 2),
            "analyze_vs_scapy": round(each["scapy"] / each["analyze"], 1),
            "small_blocks_cost": round(each["decode_256"] / each["decode_4096"], 2),
        },
        "goals": GOALS,
    }


def commit() -> str:
    """The commit that is measured, with a mark if the tree differs from it."""
    head = _git("rev-parse", "HEAD").strip()
    dirty = _git("status", "--porcelain", "src")
    return head + ("+changes" if dirty else "")


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout


def main() -> None:
    """Measure and write the evidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=2_000_000)
    parser.add_argument("--scapy-frames", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", default=str(ROOT / "docs/evidence/bench.json"))
    options = parser.parse_args()
    result = {
        "commit": commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
    } | run(options.frames, options.scapy_frames, options.rounds)
    Path(options.output).write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result["ratios"], indent=2))


if __name__ == "__main__":
    main()
