"""
Whether requests are served: one verdict, kept up to date by itself.

A quick look (database, revision, critical tables, disk) is taken every two seconds and
when somebody asks; the fingerprint of the schema is compared at the start, every minute
and whenever the revision changes.  Neither an outage nor the schema ends the process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from sentinel_netlab.controller.lifecycle import Lifecycle
from sentinel_netlab.controller.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What `/readyz` says.

    Attributes:
        code: for machines; "ready" is the good one.
        title: for people.
        serves: whether requests are let in; so too while draining.
    """

    code: str
    title: str
    serves: bool = False

    @property
    def ready(self) -> bool:
        """Whether new traffic should be sent here."""
        return self.code == "ready"


READY = Verdict("ready", "Ready", serves=True)
STARTING = Verdict("starting", "Starting")
DRAINING = Verdict("draining", "Draining", serves=True)
UNREACHABLE = Verdict("db_unreachable", "Database Unreachable")
DISK_FULL = Verdict("disk_full", "Disk Full")
_MAX_TOLD = 50  # of what is wrong, in one line of the log


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What a look found.

    Attributes:
        verdict: READY or why not.
        revision: of the database, if it could be read.
        details: for the log only.
        foreign: objects in the schema that are not ours; None if nobody looked.
    """

    verdict: Verdict
    revision: str | None = None
    details: tuple[str, ...] = ()
    foreign: tuple[str, ...] | None = None


class Probe(Protocol):
    """How to look; both may hang: the caller has a deadline."""

    async def quick(self) -> Finding:
        """Database, revision, critical tables, disk."""
        ...

    async def full(self) -> Finding:
        """The schema against its fingerprint."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between looks and until one is given up."""

    deadline_s: float = 1.8  # /readyz answers within 2 s
    period_s: float = 2.0
    cache_s: float = 1.0
    full_period_s: float = 60.0
    full_deadline_s: float = 20.0


class Readiness:
    """
    The state of the process as one verdict.

    `watch` runs beside the server; the gate reads `verdict`, `/readyz` asks `probe`.
    """

    def __init__(
        self,
        probe: Probe,
        log: FilteringBoundLogger,
        metrics: Metrics,
        life: Lifecycle,
        *,
        pace: Pace | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._probe = probe
        self._log = log
        self._metrics = metrics
        self._life = life
        self._pace = pace or Pace()
        self._monotonic = monotonic
        self._found = STARTING
        self._quick: Finding | None = None
        self._quick_at = float("-inf")
        self._full: Finding | None = None
        self._foreign: tuple[str, ...] = ()
        self._full_at = float("-inf")
        self._flight: asyncio.Task[None] | None = None
        self._full_flight: asyncio.Task[None] | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict now; draining counts only for a process that could serve."""
        if self._life.draining.is_set() and self._found.serves:
            return DRAINING
        return self._found

    async def probe(self) -> Verdict:
        """The verdict of a look that is at most a second old; within two seconds."""
        if not self._fresh():
            await self._look()
        if self._life.draining.is_set():
            return DRAINING
        return self._found

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        try:
            while True:
                await self.turn()
                await asyncio.sleep(self._pace.period_s)
        finally:
            for task in (self._flight, self._full_flight):
                if task is not None:
                    task.cancel()

    async def turn(self) -> None:
        """Look quickly; begin to look closely if it is time, and do not wait for it."""
        await self._look()
        if self._full_due():
            self._full_flight = asyncio.create_task(self._look_closely())

    def _fresh(self) -> bool:
        return self._monotonic() - self._quick_at < self._pace.cache_s

    async def _look(self) -> None:
        """One look for all who ask at the same time."""
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._look_once())
        await asyncio.wait({self._flight})

    async def _look_once(self) -> None:
        look = self._bounded(self._probe.quick, self._pace.deadline_s)
        self._quick = await look
        self._quick_at = self._monotonic()
        self._settle()

    async def _look_closely(self) -> None:
        found = await self._bounded(self._probe.full, self._pace.full_deadline_s)
        if found.verdict == UNREACHABLE:
            return  # says nothing about the schema: what was found before holds
        self._full, self._full_at = found, self._monotonic()
        if found.foreign is not None:
            self._tell_foreign(found.foreign)
        self._settle()

    async def _bounded(self, look: Callable[[], object], deadline_s: float) -> Finding:
        try:
            async with asyncio.timeout(deadline_s):
                found = await look()  # type: ignore[misc]
        except TimeoutError:
            return Finding(UNREACHABLE, details=("no answer in time",))
        except Exception as error:  # noqa: BLE001  # a look never ends the process
            return Finding(UNREACHABLE, details=(repr(error),))
        return found  # type: ignore[no-any-return]

    def _full_due(self) -> bool:
        """At first, when the revision is another one, while it is bad, and by time."""
        if self._full_flight is not None and not self._full_flight.done():
            return False
        if self._quick is None or not self._quick.verdict.ready:
            return False
        full = self._full
        if full is None or not full.verdict.ready:
            return True
        if full.revision != self._quick.revision:
            return True
        return self._monotonic() - self._full_at >= self._pace.full_period_s

    def _settle(self) -> None:
        """Make one verdict of both looks, and tell if it is a new one."""
        quick, full = self._quick, self._full
        if quick is None:
            return
        if not quick.verdict.ready:
            found = quick
        elif full is None or full.revision != quick.revision:
            found = Finding(STARTING, quick.revision, ("the schema is being checked",))
        else:
            found = full
        before, self._found = self._found, found.verdict
        if before != self._found:
            self._tell(found)

    def _tell(self, found: Finding) -> None:
        verdict = found.verdict
        self._metrics.readiness(None if verdict.ready else verdict.code)
        tell = self._log.info if verdict.ready else self._log.warning
        tell(
            "Readiness",
            code=verdict.code,
            title=verdict.title,
            revision=found.revision,
            details=list(found.details[:_MAX_TOLD]),
        )

    def _tell_foreign(self, foreign: tuple[str, ...]) -> None:
        """Objects of others are in nobody's way; new ones are worth a line."""
        self._metrics.schema_foreign_objects.set(len(foreign))
        if foreign != self._foreign:
            self._log.warning("Foreign Objects", objects=list(foreign[:_MAX_TOLD]))
        self._foreign = foreign
