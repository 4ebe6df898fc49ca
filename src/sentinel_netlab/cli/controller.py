"""
`sentinel controller`: settings, then the process.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from sentinel_netlab.cli.lab import bring_to_head, environment_of
from sentinel_netlab.controller.logs import make_logger, take_over
from sentinel_netlab.controller.process import run_controller
from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.controller.wiring import Clocks
from sentinel_netlab.settings import load_or_exit

LAST_RESORT_S = 24.6
"""Of the 25 seconds in which a container runtime expects an end."""


def run(*, lab: bool, folder: Path | None) -> int:
    """Serve until a signal; the exit status."""
    environ, profile = environment_of(lab=lab, folder=folder)
    settings = load_or_exit(ControllerSettings, environ, profile=profile)
    if profile == "lab":
        bring_to_head(settings)
    log = make_logger(settings.log_level, _now, sys.stdout.buffer)
    take_over(log, settings.log_level)
    clocks = Clocks(_now, time.monotonic)
    return asyncio.run(run_controller(settings, log, clocks, _end_what_hangs))


def _end_what_hangs() -> None:
    """
    Exit at last, whatever threads still wait for.

    A name that nobody resolves keeps a thread, and Python waits for threads.
    """
    timer = threading.Timer(LAST_RESORT_S, os._exit, (0,))
    timer.daemon = True
    timer.start()


def _now() -> datetime:
    return datetime.now(UTC)
