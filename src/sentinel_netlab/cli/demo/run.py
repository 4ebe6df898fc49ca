"""
`sentinel demo`: captures through a real agent, controller and worker on this machine.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sentinel_netlab.cli import sensor_join
from sentinel_netlab.cli.agent import Work, clock_us, run
from sentinel_netlab.cli.demo.captures import Capture, captures
from sentinel_netlab.cli.demo.follow import Follower, Played
from sentinel_netlab.cli.demo.server import DemoError, Server
from sentinel_netlab.core.configuration import Configuration
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.sensor.credentials import load
from sentinel_netlab.sensor.recorded import Recorded
from sentinel_netlab.sensor.replay import Speed

SENSOR = "demo"
SPEED = 10.0
GAP_US = 30_000_000
"""Event time between two captures."""
LAST_S = 30.0
SPOOL_BYTES = 64 << 20


def demo(*, once: bool) -> int:
    """Run it; the exit status: 0 if exactly the expected alerts came."""
    folder = Path(tempfile.mkdtemp(prefix="sentinel-demo-"))
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Server(folder) as server:
            return _shown(server, folder, once=once)
    except DemoError as error:
        print(f"sentinel: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130 if once else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _shown(server: Server, folder: Path, *, once: bool) -> int:
    state = folder / "sensor"
    if sensor_join.run(server.url, server.enroll(SENSOR), None, state):
        raise DemoError("the sensor could not join")
    follower = Follower(server.url, server.token(), _show)
    if not follower.start():
        raise DemoError("the stream of events did not begin")
    listed = captures()
    print(f"controller and worker on {server.url}; {len(listed)} captures at 10x\n")
    start_us = clock_us()
    for capture in listed:
        print(f"-- {capture.title}", flush=True)
        follower.played.append(Played(start_us, clock_us(), SPEED))
        asyncio.run(run(_work(state, capture, start_us)))
        start_us += capture.duration_us + GAP_US
    status = _summary(follower, listed)
    if not once:
        _stay(server, follower)
    return status


def _work(folder: Path, capture: Capture, start_us: int) -> Work:
    source = Recorded(
        str(capture.path),
        speed=Speed(SPEED),
        loop=False,
        start_us=start_us,
        monotonic=time.monotonic,
        say=print,
    )
    return Work(
        folder=folder,
        credentials=load(folder),
        sources=[source],
        configuration=Configuration(),
        policy=Policy(),
        spool_bytes=SPOOL_BYTES,
        payloads=False,
        metrics_host="",
        metrics_port=0,
        retune=lambda _: None,
        blind_s=dict,
        watch=lambda _: None,
        say=_quiet,
    )


def _summary(follower: Follower, listed: list[Capture]) -> int:
    expected: Counter[str] = Counter()
    for capture in listed:
        expected += Counter(capture.expected)
    stored = _until(lambda: _stored(follower), expected)
    _until(lambda: follower.raised, expected)
    print()
    for network in follower.networks():
        name, security = network["ssid_text"] or "(hidden)", network["security"]
        print(f"network {network['bssid']}  {name:16} {security}")
    delays = sorted(follower.delays_s)
    if delays:
        middle = statistics.median(delays)
        text = f"{middle:.2f} s in the middle, {delays[-1]:.2f} s at most"
        print(f"\n{len(delays)} alerts, from frame to store {text}")
    for slug in sorted(expected.keys() | stored.keys()):
        if expected[slug] != stored[slug]:
            print(f"{slug}: expected {expected[slug]}, got {stored[slug]}")
    if stored == expected:
        print(f"Exactly the {expected.total()} expected alerts came.")
    return 0 if stored == expected else 1


def _stored(follower: Follower) -> Counter[str]:
    return Counter(alert["alert_type"] for alert in follower.alerts())


def _until(look: Callable[[], Counter[str]], expected: Counter[str]) -> Counter[str]:
    """What *look* gives once it is *expected*, or after `LAST_S`."""
    end = time.monotonic() + LAST_S
    while (found := look()) != expected and time.monotonic() < end:
        time.sleep(0.2)
    return found


def _show(alert: dict[str, Any], delay_s: float) -> None:
    if alert["severity"] != "info":
        severity = alert["severity"].upper()
        text = f"{severity:8} {alert['code']}  {delay_s:5.2f} s  {alert['description']}"
        print(text, flush=True)


def _stay(server: Server, follower: Follower) -> None:
    print(
        f"\nLook yourself, until Ctrl-C:\n  curl -H 'Authorization: Bearer "
        f"{follower.token}' {server.url}/api/v1/alerts\n"
        f"  {server.url}/schema (the API), data and logs in {server.folder}",
        flush=True,
    )
    while True:
        time.sleep(3600)


def _quiet(_: str) -> None:
    """The uplink's comings and goings are not what is shown."""


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
