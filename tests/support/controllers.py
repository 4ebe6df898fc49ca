"""`sentinel controller` as a process with real sockets."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from tests.support.batches import SENSOR, in_transaction
from tests.support.databases import migrate

from sentinel_netlab.client.signer import Signer
from sentinel_netlab.core.signing import derive_key

START_S = 60.0
"""Longest time until the process answers: machines of tests are busy."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Controller:
    """
    A running controller.

    Attributes:
        http: asks it.
        lines: of its log, as they come.
    """

    process: subprocess.Popen[str]
    port: int
    metrics_port: int
    http: httpx.Client
    lines: list[dict[str, Any]] = field(default_factory=list)

    def status_of(self, path: str) -> tuple[int, str]:
        """Status and code of the answer to a GET."""
        answer = self.http.get(path)
        return answer.status_code, answer.json().get("code", "")

    def wait_until(self, path: str, status: int) -> None:
        """Ask again and again until *path* answers with *status*."""
        until = time.monotonic() + START_S
        found = None
        while time.monotonic() < until and self.process.poll() is None:
            try:
                found = self.http.get(path).status_code
            except httpx.TransportError:
                found = None
            if found == status:
                return
            time.sleep(0.05)
        raise AssertionError(f"{path}: {found}; exit {self.process.poll()}")

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def connect(self) -> socket.socket:
        """A connection to the API."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line.get("event") == event]


@contextmanager
def controller(*words: str, **env: str) -> Iterator[Controller]:
    """`sentinel controller` with *words* in *env*; killed at the end if it still is."""
    port, metrics_port = free_port(), free_port()
    environ = {
        "PATH": os.environ["PATH"],
        "SENTINEL_PORT": str(port),
        "SENTINEL_METRICS_PORT": str(metrics_port),
        **env,
    }
    command = [sys.executable, "-m", "sentinel_netlab", "controller", *words]
    with (
        subprocess.Popen(command, env=environ, text=True, stdout=-1, stderr=-1) as made,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http,
    ):
        one = Controller(made, port, metrics_port, http)
        readers = [_read(made.stdout, one), _read(made.stderr, one)]
        try:
            yield one
        finally:
            made.kill()
            made.wait()
            for reader in readers:
                reader.join()


def _read(stream: Any, one: Controller) -> threading.Thread:
    """Take what is written, so that the process never waits for a reader."""

    def run() -> None:
        for line in stream:
            is_json = line.startswith("{")
            one.lines.append(json.loads(line) if is_json else {"event": line.strip()})

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@contextmanager
def lab_controller(folder: Path, **env: str) -> Iterator[Controller]:
    """A controller of the lab whose data are in *folder*."""
    with controller("--lab", "--data", str(folder), **env) as one:
        yield one


def furnish_lab(folder: Path) -> None:
    """Let the database in *folder* be at head, with a site and a sensor."""

    async def nothing(_c: object) -> None:
        return

    url = f"sqlite:///{folder / 'sentinel.db'}"
    migrate(url)
    in_transaction(url, nothing)


def lab_signer(folder: Path) -> Signer:
    """Signs in the name of the lab's sensor."""
    master = (folder / "controller_hmac_secret").read_text().strip()
    return Signer(SENSOR, 1, derive_key(master.encode(), SENSOR, 1), now)
