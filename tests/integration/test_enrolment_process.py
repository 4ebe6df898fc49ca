"""A sensor's life with its controller, by the commands that people run."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.controllers import Controller, lab_controller

from sentinel_netlab.client.answers import Answer
from sentinel_netlab.client.sensor import SensorClient
from sentinel_netlab.client.signer import Signer
from sentinel_netlab.client.wanted import read_heartbeat
from sentinel_netlab.core.configuration import Heartbeat
from sentinel_netlab.core.times import microseconds
from sentinel_netlab.sensor.credentials import FILE, load


def sentinel(*words: object) -> subprocess.CompletedProcess[str]:
    """Run the program."""
    return subprocess.run(
        [sys.executable, "-m", "sentinel_netlab", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath},
        timeout=120,
    )


class Life:
    """One lab, one sensor: what its commands say."""

    def __init__(self, folder: Path, one: Controller) -> None:
        self.data = folder / "lab"
        self.state = folder / "sensor"
        self.url = str(one.http.base_url)

    def admin(self, *words: object) -> str:
        done = sentinel("sensors", *words, "--lab", "--data", self.data)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def join(self, code: str) -> subprocess.CompletedProcess[str]:
        return sentinel("sensor", "join", self.url, code, "--state-dir", self.state)

    def beat(self, **changed: Any) -> Answer:
        """A heartbeat with the key on the disk, or another."""
        known = load(self.state)
        values = {"key_version": known.key_version, "key": known.key} | changed
        signer = Signer(known.sensor_id, **values, clock=lambda: datetime.now(UTC))

        async def run() -> Answer:
            async with SensorClient(self.url, signer) as client:
                now_us = microseconds(datetime.now(UTC))
                return await client.heartbeat(Heartbeat(now_us))

        return asyncio.run(run())


def test_sensor_joins_changes_its_key_and_is_disabled(tmp_path):
    """From the code on one machine to the key on the other, and what comes after."""
    with lab_controller(tmp_path / "lab") as one:
        one.wait_until("/readyz", 200)
        life = Life(tmp_path, one)
        code = life.admin("enroll", "attic")
        joined, again = life.join(code), life.join(code)
        mode = (life.state / FILE).stat().st_mode & 0o777
        first = life.beat()
        life.admin("rotate", "attic")
        key = read_heartbeat(life.beat()).key
        used = life.beat(key_version=key.version, key=key.key)
        old = life.beat()
        life.admin("disable", "attic")
        disabled = life.beat(key_version=key.version, key=key.key)
        life.admin("enable", "attic")
        enabled = life.beat(key_version=key.version, key=key.key)
        listed = life.admin("list")

    assert (joined.returncode, mode) == (0, 0o600), joined.stderr
    assert (again.returncode, "join_refused" in again.stderr) == (1, True)
    assert [one.status for one in (first, used, old, disabled, enabled)] == [
        200, 200, 401, 403, 200,
    ]  # fmt: skip
    assert (old.code, disabled.code) == ("key_revoked", "sensor_disabled")
    assert listed.startswith("attic\toffline\t")
    assert "key 2\t" in listed
    assert code not in str(one.lines)
