"""Migrations in processes of their own: many at once, and such that die half-way."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from tests.support.databases import ROOT

from sentinel_netlab.cli.migrate import run as run_job

WAYS = ("raw", "job")
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])
_PATIENCE_S = 240


@dataclass
class Ended:
    """
    How a migration ended.

    Attributes:
        applied: what Alembic says that it ran.
    """

    status: int
    applied: list[str] = field(default_factory=list)


class _Steps(logging.Handler):
    """Remembers which revisions were run."""

    def __init__(self, steps: list[str]) -> None:
        super().__init__(logging.INFO)
        self.steps = steps

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text.startswith("Running upgrade"):
            self.steps.append(text)


def migrate_together(url: str, count: int) -> list[Ended]:
    """What comes of *count* migrations that begin at once, raw ones and jobs."""
    barrier, ended = _PROCESSES.Barrier(count), _PROCESSES.Queue()
    processes = [
        _PROCESSES.Process(target=_migrate, args=(url, WAYS[i % 2], barrier, ended))
        for i in range(count)
    ]
    for process in processes:
        process.start()
    found = [ended.get(timeout=_PATIENCE_S) for _ in processes]
    for process in processes:
        process.join(_PATIENCE_S)
        process.close()
    ended.close()
    ended.join_thread()
    return found


def _migrate(url: str, way: str, barrier: Any, ended: Any) -> None:
    steps: list[str] = []
    log = logging.getLogger("alembic.runtime.migration")
    log.addHandler(_Steps(steps))
    log.setLevel(logging.INFO)
    barrier.wait(_PATIENCE_S)
    ended.put(Ended(_status_of(url, way), steps))


def _status_of(url: str, way: str) -> int:
    os.environ["DATABASE_URL"] = url
    try:
        if way == "job":
            return run_job()
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
    except SystemExit as stop:
        return int(stop.code or 0)
    except Exception:  # noqa: BLE001  # the parent asserts on the status
        return 1
    return 0


def die_at(url: str, boundary: int, way: str) -> bool:
    """
    Start a migration that kills itself after its statement number *boundary*.

    Statements that only read do not count; commits do, and the taking of the lock.

    Returns:
        Whether it died; False: it had fewer statements.
    """
    process = _PROCESSES.Process(target=_migrate_and_die, args=(url, boundary, way))
    process.start()
    process.join(_PATIENCE_S)
    code = process.exitcode
    process.close()
    assert code in (0, -signal.SIGKILL), code
    return code != 0


def _migrate_and_die(url: str, boundary: int, way: str) -> None:
    left = boundary

    def count(*event: Any) -> None:
        nonlocal left
        if len(event) > 1 and _only_reads(event[2]):
            return
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(sa.Engine, "after_cursor_execute", count)
    sa.event.listen(sa.Engine, "commit", count)
    raise SystemExit(_status_of(url, way))


def _only_reads(statement: str) -> bool:
    words = statement.split(maxsplit=1)
    writes = "setval" in statement or "advisory_lock" in statement
    return words[0].upper() in ("SELECT", "PRAGMA", "SHOW", "WITH") and not writes
