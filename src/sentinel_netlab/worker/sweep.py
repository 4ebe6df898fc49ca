"""
Retention at work: a batch at a time, with room for others between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from sentinel_netlab.store.locks import try_turn
from sentinel_netlab.store.retention import BATCH_ROWS, Ages, Purge, purges

PAUSE_S = 0.05


async def forget(
    engine: AsyncEngine,
    ages: Ages,
    clock: Callable[[], datetime],
    *,
    include_adopted: bool = False,
    batch_rows: int = BATCH_ROWS,
    stopping: Callable[[], bool] = lambda: False,
) -> dict[str, int]:
    """
    Forget all that is old; rows by table.

    One process at a time does; a table that another works on is left to it.

    Raises:
        SQLAlchemyError, OSError: the database does not answer.
    """
    gone: dict[str, int] = {}
    for table, purge in purges(ages, include_adopted=include_adopted).items():
        gone[table] = 0
        while not stopping():
            count = await _batch(engine, table, purge, clock(), batch_rows)
            gone[table] += count
            if count < batch_rows:
                break
            await asyncio.sleep(PAUSE_S)
    return gone


async def _batch(
    engine: AsyncEngine, table: str, purge: Purge, now: datetime, batch_rows: int
) -> int:
    async with engine.begin() as c:
        if not await try_turn(c, f"retention:{table}"):
            return 0
        return await purge(c, now, batch_rows)
