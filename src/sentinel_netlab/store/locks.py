"""
Turns that workers take on PostgreSQL; SQLite has one writer anyway.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

_NAMESPACE = 0x534E4C
"""First half of the keys: another program's locks are no concern of ours."""
_WAIT = sa.text("SELECT pg_advisory_xact_lock(:space, hashtext(:name))")
_TRY = sa.text("SELECT pg_try_advisory_xact_lock(:space, hashtext(:name))")


async def take_turn(c: AsyncConnection, name: str) -> None:
    """Wait until no other transaction has the turn of *name*; keep it to the end."""
    if c.dialect.name == "postgresql":
        await c.execute(_WAIT, {"space": _NAMESPACE, "name": name})


async def try_turn(c: AsyncConnection, name: str) -> bool:
    """As `take_turn`, without waiting; False: another has it."""
    if c.dialect.name != "postgresql":
        return True
    taken = await c.execute(_TRY, {"space": _NAMESPACE, "name": name})
    return bool(taken.scalar_one())
