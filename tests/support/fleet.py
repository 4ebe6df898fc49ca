"""Controllers and workers as processes, which are killed and started again."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from tests.support.controllers import free_port
from tests.support.environments import HMAC_SECRET, SECRET_KEY

START_S = 120.0
"""Longest time until a process is ready: machines of tests are busy."""
LEASE_S = "5"
PLENTY = {
    "SENTINEL_ADDRESS_RATE_PER_S": "100000",
    "SENTINEL_ADDRESS_BURST": "100000",
    "SENTINEL_CREDENTIAL_RATE_PER_S": "100000",
    "SENTINEL_CREDENTIAL_BURST": "100000",
}
"""All senders of a test have one address."""


@dataclass
class Member:
    """
    A process, which is another one after each kill.

    Attributes:
        kind: controller or worker.
        port, metrics_port: of this member, whichever process it is.
        kills: of processes that were ready; to_come: those that are planned.
    """

    kind: str
    words: tuple[str, ...]
    env: dict[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    metrics_port: int = field(default_factory=free_port)
    kills: int = 0
    to_come: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Of a controller's API."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """A new process."""
        ports = {
            "SENTINEL_PORT": str(self.port),
            "SENTINEL_METRICS_PORT": str(self.metrics_port),
            "SENTINEL_WORKER_METRICS_PORT": str(self.metrics_port),
        }
        command = [sys.executable, "-m", "sentinel_netlab", self.kind, *self.words]
        environ = {"PATH": os.environ["PATH"], **self.env, **ports}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environ, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """By SIGKILL, and wait for the end."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    async def is_ready(self, http: httpx.AsyncClient) -> bool:
        """Whether a controller serves, or a worker claims."""
        if self.process is None or self.process.poll() is not None:
            raise AssertionError(f"{self.kind} ended by itself, see {self.log}")
        try:
            if self.kind == "controller":
                return (await http.get(f"{self.url}/readyz")).status_code == 200
            answer = await http.get(f"http://127.0.0.1:{self.metrics_port}/metrics")
        except httpx.TransportError:
            return False
        return "\nready 1.0\n" in answer.text


@dataclass
class Fleet:
    """All members, and how far their troubles are."""

    members: list[Member]
    http: httpx.AsyncClient

    @property
    def controllers(self) -> list[Member]:
        """Those that sensors may talk to."""
        return [one for one in self.members if one.kind == "controller"]

    @property
    def share(self) -> float:
        """The part of the kills that is done; 1 when there are none to do."""
        done = sum(one.kills for one in self.members)
        wanted = done + sum(one.to_come for one in self.members)
        return done / wanted if wanted else 1.0

    async def all_ready(self) -> None:
        """Wait for every member."""
        async with asyncio.timeout(START_S):
            for one in self.members:
                while not await one.is_ready(self.http):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)

    async def trouble(self, chance: random.Random) -> None:
        """Kill as planned, whoever is ready, in any order."""
        while left := [one for one in self.members if one.to_come]:
            one = chance.choice(left)
            if await one.is_ready(self.http):
                one.kill()
                one.kills += 1
                one.to_come -= 1
                one.start()
            await asyncio.sleep(chance.uniform(0, 0.2))

    async def reached(self, share: float) -> None:
        """Wait until that part of the kills is done."""
        while self.share < share:  # noqa: ASYNC110  # kills are nobody's events
            await asyncio.sleep(0.02)


@asynccontextmanager
async def fleet(
    folder: Path, *, url: str | None, each: int, kills: tuple[int, ...]
) -> AsyncIterator[Fleet]:
    """
    *each* controllers and workers on the database *url*, or on the lab's in *folder*.

    They are ready at the beginning and gone at the end.

    Args:
        kills: how often the first, the second … of each kind is to be killed.
    """
    words: tuple[str, ...] = ()
    env = {"SENTINEL_LEASE_S": LEASE_S, "DRAIN_DELAY": "0", **PLENTY}
    if url is None:
        words = ("--lab", "--data", str(folder))
    else:
        env |= {
            "DATABASE_URL": url,
            "CONTROLLER_SECRET_KEY": SECRET_KEY,
            "CONTROLLER_HMAC_SECRET": HMAC_SECRET,
            "REQUIRE_TLS": "false",
        }
    members = [
        Member(kind, words, env, folder / f"{kind}{number}.log", to_come=to_come)
        for kind in ("controller", "worker")
        for number, to_come in enumerate((*kills, *[0] * each)[:each])
    ]
    async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
        made = Fleet(members, http)
        try:
            for one in members:
                one.start()
            await made.all_ready()
            yield made
        finally:
            for one in members:
                one.kill()
