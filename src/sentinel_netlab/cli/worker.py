"""
`sentinel worker`: settings, then the process.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from sentinel_netlab.cli.lab import environment_of
from sentinel_netlab.controller.logs import make_logger, take_over
from sentinel_netlab.settings import load_or_exit
from sentinel_netlab.worker.process import Process, run_worker
from sentinel_netlab.worker.settings import WorkerSettings

LAST_RESORT_S = 24.6
"""Of the 25 seconds in which a container runtime expects an end."""


def run(*, lab: bool, folder: Path | None, once: bool) -> int:
    """Work until a signal; the exit status."""
    environ, profile = environment_of(lab=lab, folder=folder)
    settings = load_or_exit(WorkerSettings, environ, profile=profile)
    log = make_logger(settings.log_level, _now, sys.stdout.buffer)
    take_over(log, settings.log_level)
    process = Process(
        log=log, wall=_now, monotonic=time.monotonic, on_signal=_end_what_hangs
    )
    return asyncio.run(run_worker(settings, process, once=once))


def _end_what_hangs() -> None:
    """Exit at last: a job that hangs is another worker's when its lease ends."""
    timer = threading.Timer(LAST_RESORT_S, os._exit, (0,))
    timer.daemon = True
    timer.start()


def _now() -> datetime:
    return datetime.now(UTC)
