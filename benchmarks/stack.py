"""
``make bench-stack``: the stack as it is deployed, with one controller and with two.

The unmodified compose file, nginx with TLS before the controllers, sensors' batches
from a process of its own.  Rounds with one and with two replicas alternate.  In each,
batches are taken in while no worker works (``intake``), worked off by as many workers
as there are controllers (``work``), and taken in while both workers work (``all``).
Medians go to ``docs/evidence/bench-stack.json``.

All of it, the sender and PostgreSQL too, shares the cores of one machine: what a second
replica brings is bounded by what the first left idle, which ``busy_cores`` tells.
``load_before`` above one says that others worked on the machine.
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
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.engine import find_engine
from tests.support.stack import Stack, copy_project, until
from tests.support.traffic import enrol

from benchmarks.__main__ import ROOT, commit
from benchmarks.worker import SENSORS

REPLICAS = (1, 2)
NAMES_S = 3.0
"""More than nginx keeps the addresses of a name."""
ASK_S = 2.0
UNLIMITED = "1000000"
SETTINGS = {
    "DRAIN_DELAY": "0",
    "SENTINEL_ADDRESS_RATE_PER_S": UNLIMITED,
    "SENTINEL_ADDRESS_BURST": UNLIMITED,
    "SENTINEL_CREDENTIAL_RATE_PER_S": UNLIMITED,
    "SENTINEL_CREDENTIAL_BURST": UNLIMITED,
    "SENTINEL_QUEUE_MAX_JOBS": UNLIMITED,
}
_WAITING = "SELECT count(*) FROM ingest_jobs WHERE status <> 'done'"
_WORKED = """
SELECT count(*) / extract(epoch FROM max(done_at) - min(done_at))
FROM ingest_jobs WHERE status = 'done' AND done_at > '{since}'
"""


@dataclass
class Figures:
    """What one number of replicas gave, a value for each round."""

    intake: list[dict[str, Any]] = field(default_factory=list)
    all: list[dict[str, Any]] = field(default_factory=list)
    worked_per_s: list[float] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Stack]:
    """The stack with two replicas of both kinds, and sensors that it knows."""
    with tempfile.TemporaryDirectory(prefix="sentinel-bench-") as folder:
        copy_project(Path(folder))
        stack = Stack(find_engine(), Path(folder))
        stack.typed("cp ops/.env.prod.example ops/.env")
        stack.fill_in_secrets()
        for name, value in SETTINGS.items():
            stack.set(name, value)
        try:
            stack.up("--scale controller=2", "--scale worker=2")
            enrol(stack, *SENSORS)
            yield stack
        finally:
            stack.down()
            stack.place.close()


@dataclass
class Bench:
    """Rounds on *stack*."""

    stack: Stack
    options: argparse.Namespace
    sent: int = 0
    figures: dict[int, Figures] = field(
        default_factory=lambda: {count: Figures() for count in REPLICAS}
    )

    def __post_init__(self) -> None:
        self.controllers = self.stack.containers("controller")
        self.workers = self.stack.containers("worker")

    def play(self) -> None:
        """All rounds; the first warms up."""
        for number in range(self.options.rounds + 1):
            for count in REPLICAS if number % 2 else reversed(REPLICAS):
                self._round(count, is_kept=number > 0)

    def _round(self, count: int, *, is_kept: bool) -> None:
        self._serve_by(count)
        docker = self.stack.engine.docker
        docker("pause", *self.workers)
        intake = self._load()
        since = self.stack.sql("SELECT now()")
        docker("unpause", *self.workers[:count])
        self._work_off()
        worked = float(self.stack.sql(_WORKED.format(since=since)))
        if self.workers[count:]:
            docker("unpause", *self.workers[count:])
        both = self._load()
        self._work_off()
        print(
            f"{count}: {intake['batches_per_s']:.0f} taken a second, {worked:.0f} "
            f"worked off; {both['batches_per_s']:.0f} taken under work",
            flush=True,
        )
        if is_kept:
            figures = self.figures[count]
            figures.intake.append(intake)
            figures.all.append(both)
            figures.worked_per_s.append(worked)

    def _work_off(self) -> None:
        """Until no batch waits; seldom asked, for that takes time from the workers."""
        while self.stack.sql(_WAITING) != "0":
            time.sleep(ASK_S)

    def _serve_by(self, count: int) -> None:
        """Let so many controllers run, and nginx know it."""
        docker = self.stack.engine.docker
        docker("start", *self.controllers[:count])
        if self.controllers[count:]:
            docker("stop", *self.controllers[count:])
        for one in self.controllers[:count]:
            until(lambda one=one: self._is_healthy(one), 120, "healthy")
        time.sleep(NAMES_S)

    def _is_healthy(self, container: str) -> bool:
        state = self.stack.inspect(container)["State"]
        return bool(state["Health"]["Status"] == "healthy")

    def _load(self) -> dict[str, Any]:
        """Send a round of batches; what the sender saw."""
        options = self.options
        words = {
            "batches": options.batches, "size": options.size,
            "connections": options.connections, "first": self.sent,
        }  # fmt: skip
        self.sent += options.batches
        secret = self.stack.setting("CONTROLLER_HMAC_SECRET")
        done = subprocess.run(
            [*self.stack.engine.inside, sys.executable, "-m", "benchmarks.stack_load",
             *(f"--{name}={value}" for name, value in words.items())],
            cwd=ROOT, env={**os.environ, "CONTROLLER_HMAC_SECRET": secret},
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        seen = json.loads(done.stdout)
        percent = statistics.quantiles(seen["took_s"], n=100)
        return {
            "batches_per_s": options.batches / seen["wall_s"],
            "p50_ms": percent[49] * 1e3,
            "p99_ms": percent[98] * 1e3,
            "sender_cores": seen["cpu_s"] / seen["wall_s"],
            "busy_cores": seen["machine_cpu_s"] / seen["wall_s"],
            "request_bytes": seen["request_bytes"],
        }


def medians(rounds: list[dict[str, Any]]) -> dict[str, float]:
    """Of each figure."""
    return {
        name: round(statistics.median(one[name] for one in rounds), 2)
        for name in rounds[0]
    }


def summary(figures: dict[int, Figures]) -> dict[str, Any]:
    """Medians by replicas, and what the second brings."""
    found = {
        count: {
            "intake": medians(one.intake),
            "all": medians(one.all),
            "worked_batches_per_s": round(statistics.median(one.worked_per_s), 1),
        }
        for count, one in figures.items()
    }
    first, second = (found[count] for count in REPLICAS)
    return {
        "by_replicas": {str(count): one for count, one in found.items()},
        "ratio_1_to_2": {
            "intake": ratio(first["intake"], second["intake"]),
            "all": ratio(first["all"], second["all"]),
            "work": round(
                second["worked_batches_per_s"] / first["worked_batches_per_s"], 2
            ),
        },
    }


def ratio(first: dict[str, float], second: dict[str, float]) -> float:
    """How many batches more a second."""
    return round(second["batches_per_s"] / first["batches_per_s"], 2)


def main() -> None:
    """Measure and write the evidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=400)
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument(
        "--output", default=str(ROOT / "docs/evidence/bench-stack.json")
    )
    options = parser.parse_args()
    began, load = time.monotonic(), os.getloadavg()[0]
    with serving() as stack:
        bench = Bench(stack, options)
        bench.play()
    result = {
        "commit": commit(),
        "seed": 1,
        "duration_s": round(time.monotonic() - began, 1),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, shared by all",
        "load_before": round(load, 1),
        "python": platform.python_version(),
        "batches": options.batches,
        "observations_in_a_batch": options.size,
        "rounds": options.rounds,
        "connections": options.connections,
        **summary(bench.figures),
    }
    Path(options.output).write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
