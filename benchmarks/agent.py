"""
``make bench-agent``: what the sensor agent takes, in real time, beside tcpdump.

Real frames are stamped anew, so many a second, and replayed at the speed at which they
would be heard: ordinary traffic, or for comparison a mixture that is mostly attacks.
The controller is a listener on loopback that takes everything, in a process of its own.
CPU and memory of the agent are looked at every second.  tcpdump only copies the same
file (``-w /dev/null``); its cost is CPU for each frame, at the same rate.  Figures go
to ``docs/evidence/bench-agent.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.__main__ import ROOT, commit, measure
from benchmarks.corpus import RADIOTAP, sources, stream
from sentinel_netlab.core.signing import derive_key
from sentinel_netlab.sensor import status as statuses
from sentinel_netlab.sensor.credentials import Credentials, save

START_US = 1_700_000_000_000_000
RATES = {5_000: 120, 50_000: 40}
"""Seconds that each rate is replayed: the ring of frames (32 MiB) fills meanwhile."""
WARM_S = 5.0
"""Left out at the beginning: compilation of patterns, first pages, sockets."""
AIRS = {"ordinary": "b*", "attacks": "*"}
"""Names of the captures that the frames come from (shared captures)."""
GOALS = {"cpu_percent_at_5000": 15.0, "memory_mb": 150.0}
START_WAIT_S = 120.0


@dataclass(frozen=True, slots=True)
class Sample:
    """The agent at a moment: seconds since it was ready, CPU seconds, bytes."""

    at_s: float
    cpu_s: float
    rss: int


def build(path: Path, rate: int, seconds: int, names: str) -> int:
    """Write radiotap frames, *rate* a second, evenly, as pcap; how many."""
    frames = rate * seconds
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, RADIOTAP))
        for number, (raw, wire) in enumerate(stream(frames, names)):
            second, micros = divmod(START_US + number * 1_000_000 // rate, 1_000_000)
            file.write(struct.pack("<IIII", second, micros, len(raw), wire))
            file.write(raw)
    return frames


@contextmanager
def acceptor() -> Iterator[str]:
    """The URL of a listener that takes everything (`benchmarks.agent_acceptor`)."""
    command = [sys.executable, "-m", "benchmarks.agent_acceptor"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def join(folder: Path, url: str) -> None:
    """Give the agent a key."""
    key = derive_key(bytes(32), "bench", 1)
    save(folder, Credentials(controller=url, sensor_id="bench", key_version=1, key=key))


def watch(capture: Path, folder: Path, seconds: int) -> tuple[list[Sample], float]:
    """Samples of the agent while it replays; seconds from readiness to its end."""
    environ = dict(os.environ)
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [
        *(sys.executable, "-m", "sentinel_netlab", "sensor", "run"),
        *("--replay", str(capture), "--state-dir", str(folder)),
    ]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, env=environ, stdout=log, stderr=log) as process,
    ):
        looked = psutil.Process(process.pid)
        wait_until_ready(process, folder)
        began, samples = time.monotonic(), []
        while process.poll() is None:
            at_s = time.monotonic() - began
            if at_s < seconds:
                used = looked.cpu_times()
                rss = looked.memory_info().rss
                samples.append(Sample(at_s, used.user + used.system, rss))
            time.sleep(1.0)
        took_s = time.monotonic() - began
    if process.returncode:
        sys.exit(f"the agent ended with {process.returncode}")
    return samples, took_s


def wait_until_ready(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait for its first status."""
    until = time.monotonic() + START_WAIT_S
    while time.monotonic() < until and process.poll() is None:
        known = statuses.read(folder)
        if known is not None and known.pid == process.pid:
            return
        time.sleep(0.02)
    sys.exit("the agent does not get ready")


def figures(samples: Sequence[Sample], took_s: float, seconds: int) -> dict[str, float]:
    """CPU and memory once warm; how memory grew in the last half."""
    warm = [one for one in samples if one.at_s >= WARM_S]
    first, last = warm[0], warm[-1]
    half = [one for one in warm if one.at_s >= seconds / 2]
    third = max(1, len(half) // 3)
    early = statistics.median(one.rss for one in half[:third])
    late = statistics.median(one.rss for one in half[-third:])
    return {
        "cpu_percent": round(
            (last.cpu_s - first.cpu_s) / (last.at_s - first.at_s) * 100, 1
        ),
        "cpu_s_whole_process": round(last.cpu_s, 2),
        "rss_max_mb": round(max(one.rss for one in samples) / 1e6, 1),
        "rss_end_mb": round(late / 1e6, 1),
        "rss_growth_in_last_half_mb": round((late - early) / 1e6, 1),
        "late_at_end_s": round(took_s - seconds, 1),
    }


def play(
    rate: int, seconds: int, options: argparse.Namespace, folder: Path
) -> dict[str, object]:
    """One rate: the agent and tcpdump in turn."""
    capture = folder / "frames.pcap"
    frames = build(capture, rate, seconds, AIRS[options.air])
    copy = ["tcpdump", "-n", "-r", str(capture), "-w", "/dev/null"]
    agents, copies = [], []
    for number in range(options.rounds):
        copies.append(measure(copy)[0])
        place = folder / f"state{number}"
        place.mkdir()
        with acceptor() as url:
            join(place, url)
            samples, took_s = watch(capture, place, seconds)
        agents.append(figures(samples, took_s, seconds))
        print(f"{rate}/s: {agents[-1]}", flush=True)
    return {
        "frames": frames,
        "seconds": seconds,
        "capture_bytes": capture.stat().st_size,
        "agent": agents,
        "agent_cpu_percent": statistics.median(one["cpu_percent"] for one in agents),
        "tcpdump_cpu_percent": round(
            statistics.median(copies) / frames * rate * 100, 2
        ),
        "tcpdump_cpu_ns_per_frame": round(statistics.median(copies) / frames * 1e9),
    }


def main() -> None:
    """Measure and write the evidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=int, nargs="+", default=list(RATES))
    parser.add_argument("--seconds", type=int, help="other than 120 and 40")
    parser.add_argument("--air", choices=AIRS, default="ordinary")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument(
        "--output", default=str(ROOT / "docs/evidence/bench-agent.json")
    )
    options = parser.parse_args()
    by_rate = {}
    for rate in options.rates:
        seconds = options.seconds or RATES.get(rate, 30)
        with tempfile.TemporaryDirectory(prefix="sentinel-bench-") as name:
            by_rate[str(rate)] = play(rate, seconds, options, Path(name))
    result = {
        "commit": commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_average": round(os.getloadavg()[1], 1),
        "python": platform.python_version(),
        "frames_from": f"{sources().name}, {options.air}",
        "controller": "a listener on loopback that takes everything",
        "rounds": options.rounds,
        "goals": GOALS,
        "by_frames_per_s": by_rate,
    }
    Path(options.output).write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
