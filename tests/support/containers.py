"""
Containers of the stack that are killed, and the disk of its database that is filled.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.support.stack import PROJECT, Stack, until
from tests.support.traffic import Counts

Way = Literal["init", "process", "docker"]
WAYS: tuple[Way, ...] = ("init", "process", "docker")
"""The container's init, what it started, or both by `docker kill`."""
BACK_S = 120.0
VOLUME = f"{PROJECT}_postgres-data"
_FILLER = "/disk/filler"


def kill(stack: Stack, container: str, way: Way) -> None:
    """
    Kill it by SIGKILL, and let it come back.

    What dies is started again by its restart policy.  `docker kill` is the exception:
    for `unless-stopped` that is a stop by hand, and somebody starts it again.
    """
    began = stack.inspect(container)["State"]["StartedAt"]
    if way == "docker":
        stack.engine.docker("kill", container)
        assert not stack.inspect(container)["State"]["Running"]
        stack.engine.docker("start", container)
    else:
        os.kill(process_of(stack, container, way), signal.SIGKILL)

    def is_back() -> bool:
        state = stack.inspect(container)["State"]
        return bool(state["Running"]) and state["StartedAt"] != began

    until(is_back, BACK_S, f"back after the kill ({way})")


def process_of(stack: Stack, container: str, way: Way = "process") -> int:
    """Its number on the host: that of the init, or of what that started."""
    init = int(stack.inspect(container)["State"]["Pid"])
    if way == "init":
        return init
    children = Path(f"/proc/{init}/task/{init}/children").read_text().split()
    return int(children[0])


@dataclass
class Killer:
    """
    Kills each container of *services* once in a round, in any order.

    Attributes:
        kills: by service.
    """

    stack: Stack
    counts: Counts
    services: tuple[str, ...]
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)

    def play(self, rounds: int) -> None:
        """Kill one when more has been acknowledged since the last kill."""
        for _ in range(rounds):
            doomed = [
                (service, one)
                for service in self.services
                for one in self.stack.containers(service)
            ]
            self.chance.shuffle(doomed)
            for service, one in doomed:
                until_more(self.counts, 40)
                time.sleep(self.chance.uniform(0, 0.5))
                way = self.chance.choice(WAYS)
                kill(self.stack, one, way)
                self.kills[service] += 1
                self.ways[way] += 1


def until_more(counts: Counts, more: int, wait_s: float = 240.0) -> None:
    """Until as many observations more have been acknowledged."""
    before = len(counts.acknowledged)
    until(lambda: len(counts.acknowledged) >= before + more, wait_s, "traffic")


def make_small_disk(stack: Stack, size_mib: int) -> None:
    """A file system of that size for the database; before the stack is started."""
    stack.engine.docker(
        "volume", "create", "--driver", "local",
        "--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", f"o=size={size_mib}m",
        "--label", f"com.docker.compose.project={PROJECT}",
        "--label", "com.docker.compose.volume=postgres-data",
        VOLUME,
    )  # fmt: skip


def fill_disk(stack: Stack, leave_mib: int) -> None:
    """Put a file on the database's disk, so that this is left; 0: not a byte."""
    on_disk(
        stack,
        f"left=$(($(df -P -k /disk | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)"
        f" - {leave_mib} * 1024)); head -c $((left * 1024)) /dev/zero >{_FILLER}; "
        f"[ {leave_mib} -gt 0 ] || head -c 1G /dev/zero >>{_FILLER} || true",
    )


def free_disk(stack: Stack) -> None:
    """Take the file away."""
    on_disk(stack, f"rm {_FILLER}")


def on_disk(stack: Stack, command: str) -> str:
    """What a shell prints that has the database's disk at /disk."""
    return stack.engine.docker(
        "run", "--rm", "--network", "none", "-v", f"{VOLUME}:/disk",
        "--entrypoint", "sh", "postgres:16-alpine", "-c", command,
    )  # fmt: skip
