"""
Whether the schema is right: while it is not, no job is claimed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from structlog.typing import FilteringBoundLogger

from sentinel_netlab.store.engine import reading
from sentinel_netlab.store.schema_state import SchemaState, full_state, quick_state

QUICK_S = 2.0
FULL_S = 60.0
Look = Callable[[AsyncConnection], Awaitable[SchemaState]]
UNREACHABLE = SchemaState(
    ready=False, code="db_unreachable", title="Database Unreachable"
)


class SchemaGate:
    """
    Looks at the schema at most every `QUICK_S`, and wholly every `FULL_S`.

    While it is wrong, every look is a whole one: work goes on as soon as it can.

    Args:
        monotonic: seconds of a clock that nobody sets.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        monotonic: Callable[[], float],
        log: FilteringBoundLogger,
        quick: Look = quick_state,
        full: Look = full_state,
    ) -> None:
        self._engine = engine
        self._monotonic = monotonic
        self._log = log
        self._looks = (quick, full)
        self._turn = asyncio.Lock()
        self._state: SchemaState | None = None
        self._quick_at = self._full_at = float("-inf")

    async def is_open(self) -> bool:
        """Whether a job may be claimed now."""
        async with self._turn:
            now_s = self._monotonic()
            if now_s - self._quick_at >= QUICK_S:
                await self._look(now_s)
        return self._state is not None and self._state.ready

    async def _look(self, now_s: float) -> None:
        is_fine = self._state is not None and self._state.ready
        whole = not is_fine or now_s - self._full_at >= FULL_S
        self._quick_at = now_s
        try:
            async with reading(self._engine).connect() as c:
                found = await self._looks[whole](c)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is no reason to end
            found = UNREACHABLE
            self._tell(found, type(error).__name__)
        else:
            self._tell(found, *found.details)
        if whole:
            self._full_at = now_s
        self._state = found

    def _tell(self, found: SchemaState, *details: str) -> None:
        """One line when it changes."""
        if self._state is not None and self._state.code == found.code:
            return
        if found.ready:
            self._log.info("Schema Ready", revision=found.revision)
        else:
            self._log.error("Schema Not Ready", code=found.code, details=list(details))
