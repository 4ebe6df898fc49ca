"""
What people write into alerts: status, assignee, note.  Nothing else writes these.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.core.alert_status import ACKNOWLEDGED, RESOLUTIONS
from sentinel_netlab.store.tables import alerts, users
from sentinel_netlab.store.tokens import name_is_taken


async def set_status(
    c: AsyncConnection, alert_id: str, status: str, *, by: str, now: datetime
) -> sa.RowMapping:
    """
    Let an alert, which the caller has locked, be of *status*; the alert then.

    When it was acknowledged stays known when it is resolved; reopened, it is as new.
    """
    nobody = {"acknowledged_at": None, "acknowledged_by": None}
    unsettled = {"resolved_at": None, "resolved_by": None}
    values: dict[str, Any] = {**nobody, **unsettled}
    if status == ACKNOWLEDGED:
        values = {"acknowledged_at": now, "acknowledged_by": by, **unsettled}
    elif status in RESOLUTIONS:
        values = {"resolved_at": now, "resolved_by": by}
    return await change(c, alert_id, {"status": status, **values})


async def change(
    c: AsyncConnection, alert_id: str, values: Mapping[str, Any]
) -> sa.RowMapping:
    """Write *values* into an alert that is there and locked; the alert then."""
    statement = sa.update(alerts).where(alerts.c.id == alert_id).values(**values)
    found = await c.execute(statement.returning(*alerts.c))
    return found.mappings().one()


async def can_be_assigned(c: AsyncConnection, name: str, now: datetime) -> bool:
    """Whether *name* is an active user, or somebody with a token that works."""
    query = sa.select(users.c.is_active).where(users.c.name == name)
    user = (await c.execute(query)).first()
    if user is not None:
        return bool(user.is_active)
    return await name_is_taken(c, name, now)
