"""
Whether a place in the outbox still has all that came behind it.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.store.events import Position
from sentinel_netlab.store.tables import events


async def is_kept(c: AsyncConnection, position: Position) -> bool:
    """
    Whether the event at *position* is there.

    The oldest go first: if it is there, so is all that is newer.
    """
    columns = events.c
    query = sa.select(columns.id).where(
        columns.xid == position.xid, columns.id == position.id
    )
    return (await c.execute(query)).first() is not None
