"""
Somebody who owns the tables and touches the audit log.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection


async def unlock(c: AsyncConnection) -> None:
    """Take away what refuses changes."""
    if c.dialect.name == "postgresql":
        await c.execute(sa.text("ALTER TABLE audit_log DISABLE TRIGGER USER"))
        return
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    for name in (await c.scalars(sa.text(query))).all():
        await c.execute(sa.text(f'DROP TRIGGER "{name}"'))
