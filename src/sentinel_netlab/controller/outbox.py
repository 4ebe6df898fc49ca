"""
The outbox of changes, read once for all streams of the process.

Whatever replica a change was made by, it is in the table; `store.events` gives rows in
an order that nothing is put into later.  The last of them are kept at hand; who is
further behind reads from the database.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from structlog.typing import FilteringBoundLogger

from sentinel_netlab.controller.problems import Problem, tell_failure
from sentinel_netlab.store.engine import reading
from sentinel_netlab.store.events import Event, Position, newest, read_since
from sentinel_netlab.store.reading.events import is_kept

T = TypeVar("T")
PERIOD_S = 0.1
"""Between looks into the table; the least of what screens lag behind."""
AT_HAND = 1_000
"""Changes that are kept in memory, and at most as many again."""
AT_ONCE = 500
MAX_STREAMS = 200
MAX_STREAMS_OF_ONE = 5
RETRY_AFTER_S = 30


@dataclass(frozen=True, slots=True)
class Change:
    """
    A row of the outbox.

    Attributes:
        data: what happened, as JSON in one line.
    """

    position: Position
    kind: str
    site_id: str | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Start:
    """
    Where a stream begins.

    Attributes:
        missed: there may have been changes before that are not kept.
    """

    position: Position
    missed: bool


class Outbox:
    """Changes for whoever listens; the table is read only while somebody does."""

    def __init__(
        self,
        engine: AsyncEngine,
        log: FilteringBoundLogger,
        *,
        period_s: float = PERIOD_S,
        at_hand: int = AT_HAND,
    ) -> None:
        self._engine = reading(engine)
        if engine.dialect.name == "postgresql":
            # one statement needs no transaction: half of the journeys to the server
            self._engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._log = log
        self._period_s = period_s
        self._at_hand = at_hand
        self._recent: list[Change] = []
        self._before = Position()  # what comes behind it, as far as read, is in _recent
        self._listeners: Counter[str] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._beginning = asyncio.Lock()
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        self._asked: set[asyncio.Task[Any]] = set()

    async def close(self) -> None:
        """Read no more; what is being read is read to its end."""
        self._closing.set()
        tasks = {*self._asked, *({self._task} if self._task else ())}
        if tasks:
            await asyncio.wait(tasks)

    async def ask(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """
        What *work* gives by a connection that only reads.

        It is done to its end even if who asked is gone: a connection that is cut off in
        the middle of it is of no use to anybody.
        """
        task = asyncio.create_task(self._do(work))
        self._asked.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    async def _do(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async with self._engine.connect() as c:
            return await work(c)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._asked.discard(task)
        if not task.cancelled():
            task.exception()  # was given to who asked, if they are still there

    @contextmanager
    def seat(self, name: str) -> Iterator[None]:
        """
        A place for a stream of *name*.

        Raises:
            Problem: 429 ``too_many_streams``.
        """
        taken, mine = self._listeners.total(), self._listeners[name]
        if taken >= MAX_STREAMS or mine >= MAX_STREAMS_OF_ONE:
            after = {"retry-after": str(RETRY_AFTER_S)}
            raise Problem(429, "too_many_streams", "Too Many Streams", headers=after)
        self._listeners[name] += 1
        try:
            yield
        finally:
            self._listeners[name] -= 1
            self._listeners += Counter()  # forgets who has none

    async def start(self, after: Position | None) -> Start:
        """Where somebody begins who saw *after* last; None: who wants what comes."""

        async def look(c: AsyncConnection) -> Start:
            if after is not None and await is_kept(c, after):
                return Start(after, missed=False)
            return Start(await newest(c), missed=after is not None)

        return await self.ask(look)

    async def behind(self, position: Position, wait_s: float) -> list[Change]:
        """
        Some changes behind *position*, in their order.

        None after a wait of *wait_s* at most, which any change ends: then ask again.
        """
        await self._ensure_follows()
        news = self._news
        if position < self._before:
            found = await self._read(position)
        else:
            found = self._at_hand_behind(position)
        if not found:
            await _wait(news, wait_s)
        return found

    def _at_hand_behind(self, position: Position) -> list[Change]:
        at = bisect_right(self._recent, position, key=lambda one: one.position)
        return self._recent[at : at + AT_ONCE]

    async def _ensure_follows(self) -> None:
        async with self._beginning:
            if self._task is not None and not self._task.done():
                return
            self._before = await self.ask(newest)
            self._recent = []
            self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        """Read on while somebody listens; who waits when it fails, tries again."""
        try:
            while self._listeners and not self._closing.is_set():
                last = self._recent[-1].position if self._recent else self._before
                found = await self._read(last)
                self._keep(found)
                if len(found) < AT_ONCE:
                    await _wait(self._closing, self._period_s)
        except Exception as error:  # noqa: BLE001  # the task is nobody's to await
            tell_failure(self._log, "Outbox Unreadable", error)
        finally:
            self._wake()

    def _keep(self, found: list[Change]) -> None:
        if not found:
            return
        self._recent += found
        if len(self._recent) > 2 * self._at_hand:
            self._before = self._recent[-self._at_hand - 1].position
            del self._recent[: -self._at_hand]
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _read(self, after: Position) -> list[Change]:
        found = await self.ask(lambda c: read_since(c, after, AT_ONCE))
        return [_change(one) for one in found]


def _change(event: Event) -> Change:
    site_id = event.payload.get("site_id")
    data = msgspec.json.encode(event.payload)
    return Change(event.position, event.kind, site_id, data)


async def _wait(event: asyncio.Event, wait_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await event.wait()
