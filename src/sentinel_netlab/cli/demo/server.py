"""
A controller and a worker of the lab, as processes beside the demonstration.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import httpx

START_S = 60.0
END_S = 30.0
_PORTS = ("SENTINEL_PORT", "SENTINEL_METRICS_PORT", "SENTINEL_WORKER_METRICS_PORT")


class DemoError(Exception):
    """The demonstration cannot go on; the text says why."""


@dataclass(slots=True)
class Server:
    """
    The lab's controller and worker on free ports of loopback; a context manager.

    Attributes:
        folder: their data and logs.
        url: of the controller.
    """

    folder: Path
    url: str = ""
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _logs: ExitStack = field(default_factory=ExitStack)
    _environ: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        ports = _free_ports(len(_PORTS))
        self._environ = dict(os.environ) | dict(
            zip(_PORTS, map(str, ports), strict=True)
        )
        self.url = f"http://127.0.0.1:{ports[0]}"
        try:
            self._start("controller")
            self._await_ready()
            self._start("worker")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def command(self, *arguments: str) -> str:
        """
        What `sentinel` prints for *arguments* in the lab.

        Raises:
            DemoError: it fails.
        """
        done = subprocess.run(  # noqa: S603  # our own command line
            self._command(*arguments),
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DemoError(f"sentinel {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def enroll(self, name: str) -> str:
        """A code that makes a machine the sensor *name*."""
        found = re.search(
            r"^[a-z2-7]{6}(?:-[a-z2-7]{6}){3}$",
            self.command("sensors", "enroll", name),
            re.MULTILINE,
        )
        if found is None:
            raise DemoError("no code was printed")
        return found[0]

    def token(self) -> str:
        """A token that may read."""
        printed = self.command("token", "create", "demo", "--role", "viewer")
        found = re.search(r"snl_\w+", printed)
        if found is None:
            raise DemoError("no token was printed")
        return found[0]

    def _command(self, *arguments: str) -> list[str]:
        start = [sys.executable, "-m", "sentinel_netlab", *arguments]
        return [*start, "--lab", "--data", str(self.folder / "server")]

    def _start(self, name: str) -> None:
        path = self.folder / f"{name}.log"
        log: IO[bytes] = self._logs.enter_context(path.open("wb"))
        process = subprocess.Popen(  # noqa: S603  # our own command line
            self._command(name),
            env=self._environ,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A Ctrl-C is for the demonstration, which ends them in order.
            start_new_session=True,
        )
        self._processes.append(process)

    def _await_ready(self) -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self._processes[0].poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/readyz", trust_env=False).is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise DemoError(f"the controller did not start; see {self.folder}")

    def _end(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._logs.close()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
