"""
How readiness looks at the database: from a thread and over connections of its own.

A host name that nobody resolves blocks inside the C library, where no timeout of ours
reaches it.  In a thread of its own it blocks that thread only; the caller gives up and
the requests, which use another executor and another pool, do not notice.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sentinel_netlab.controller.readiness import DISK_FULL, READY, Finding, Verdict
from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.store.engine import reading
from sentinel_netlab.store.schema_state import SchemaState, full_state, quick_state
from sentinel_netlab.store.settings import is_sqlite, parse_url

_T = TypeVar("_T")


class OwnThread:
    """A daemon thread with an event loop, for what may hang."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    async def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do `work` there; cancelling the caller cancels the work, if it listens."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        return await asyncio.wrap_future(future)

    def stop(self, wait_s: float = 0.5) -> None:
        """End, unless it hangs."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(wait_s)
        if not self._thread.is_alive():
            self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()


def database_disks(settings: ControllerSettings) -> list[Path]:
    """Folders on the disks of the database; none where it is another machine's."""
    url = settings.database_url.get_secret_value()
    disks = [] if settings.database_disk is None else [settings.database_disk]
    if is_sqlite(url):
        disks.append(Path(parse_url(url).database or ".").resolve().parent)
    return disks


def free_bytes(folder: Path) -> int:
    """What is left on the file system of *folder*; 0 if it cannot be looked at."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


@dataclass(frozen=True, slots=True)
class Headroom:
    """Folders on whose file systems at least `min_free_bytes` must be free."""

    folders: Sequence[Path]
    min_free_bytes: int

    def lacking(self) -> list[str]:
        """Which have less, for the log."""
        free = {folder: free_bytes(folder) for folder in self.folders}
        return [
            f"{folder}: {left} bytes free"
            for folder, left in free.items()
            if left < self.min_free_bytes
        ]


class DatabaseProbe:
    """Looks by `store.schema_state`, then at the disk."""

    def __init__(
        self, make_engine: Callable[[], AsyncEngine], headroom: Headroom
    ) -> None:
        self._make_engine = make_engine
        self._headroom = headroom
        self._thread = OwnThread("readiness")
        self._engine: AsyncEngine | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    async def stop(self, wait_s: float = 0.5) -> None:
        """Close the connections and stop the thread, unless they hang."""
        if self._engine is not None:
            with suppress(Exception):
                async with asyncio.timeout(wait_s):
                    await self._thread.run(self._engine.dispose())
        self._thread.stop()

    async def quick(self) -> Finding:
        """Database, revision, critical tables, disk."""
        return await self._thread.run(self._quick())

    async def full(self) -> Finding:
        """The schema against its fingerprint."""
        return await self._thread.run(self._ask(full_state))

    async def _quick(self) -> Finding:
        found = await self._ask(quick_state)
        if found.verdict.ready and (lacking := self._headroom.lacking()):
            return Finding(DISK_FULL, found.revision, tuple(lacking))
        return found

    async def _ask(
        self, question: Callable[[AsyncConnection], Awaitable[SchemaState]]
    ) -> Finding:
        if self._engine is None:  # here, because pools belong to the loop they are in
            self._engine = reading(self._make_engine())
        async with self._engine.connect() as connection:
            return finding_of(await question(connection))


def finding_of(state: SchemaState) -> Finding:
    """What the store says of the schema, in the words of readiness."""
    verdict = READY
    if not state.ready:
        code = state.code or "schema_drift"
        verdict = Verdict(code, state.title or code.replace("_", " ").title())
    return Finding(verdict, state.revision, state.details, state.not_ours)
