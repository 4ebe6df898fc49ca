"""Sensor agents as processes, which replay captures and may be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.environments import HMAC_SECRET

from sentinel_netlab.core.signing import derive_key
from sentinel_netlab.sensor.credentials import Credentials, save
from sentinel_netlab.sensor.spool import Spool

END_S = 240.0


@dataclass
class AgentProcess:
    """
    An agent whose sensor is enrolled, with key version 1.

    Attributes:
        folder: its state.
    """

    sensor_id: str
    capture: Path
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def join(self, url: str) -> None:
        """Give it its key for the controller at *url*."""
        self.folder.mkdir(exist_ok=True)
        key = derive_key(HMAC_SECRET.encode(), self.sensor_id, 1)
        known = Credentials(
            controller=url, sensor_id=self.sensor_id, key_version=1, key=key
        )
        save(self.folder, known)

    def start(self, speed: str = "max") -> None:
        """Replay the capture."""
        command = [
            sys.executable, "-m", "sentinel_netlab", "sensor", "run",
            "--replay", str(self.capture), "--speed", speed,
            "--state-dir", str(self.folder),
        ]  # fmt: skip
        environ = {"PATH": os.environ["PATH"]}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environ, stdout=log, stderr=log
            )

    def end(self) -> int:
        """Wait until it has replayed and sent everything; its status."""
        return self.process.wait(END_S)

    def kill(self) -> None:
        """By SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def waiting(self) -> int:
        """Batches that are still in its spool."""
        spool = Spool(self.folder / "spool.db", most_bytes=1 << 40)
        try:
            return spool.fill().waiting
        finally:
            spool.close()
