"""
What people do to sensors and sites, with the audit row and the event of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.core.join_codes import hash_code
from sentinel_netlab.store.audit import record
from sentinel_netlab.store.events import emit
from sentinel_netlab.store.sensors import (
    Enrolled,
    StoredSensor,
    disable,
    enable,
    enroll,
    find_sensor,
    rotate,
)

DEFAULT_CODE_HOURS = 24.0
MAX_CODE_HOURS = 7 * 24.0
Action = Literal["rotate", "disable", "enable"]
Switched = Literal["done", "unchanged", "unknown", "not_joined"]


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes something, for the audit log, and the address they came from."""

    name: str
    ip_address: str | None = None


async def invite(
    c: AsyncConnection,
    author: Author,
    *,
    sensor_id: str,
    code: str,
    name: str | None = None,
    site_id: str | None = None,
    valid_hours: float = DEFAULT_CODE_HOURS,
    again: bool = False,
    now: datetime,
) -> Enrolled:
    """
    Let the bearer of *code* join as *sensor_id*; `store.sensors.enroll` says more.

    Args:
        code: as shown to people; only its hash is kept.
    """
    expires_at = now + timedelta(hours=valid_hours)
    done = await enroll(
        c,
        sensor_id=sensor_id,
        name=name,
        site_id=site_id,
        code_hash=hash_code(code),
        expires_at=expires_at,
        again=again,
        now=now,
    )
    if done == "enrolled":
        details = {"expires_at": expires_at.isoformat(), "again": again}
        await note_sensor(c, author, sensor_id, "enroll", details, now)
    return done


async def switch(
    c: AsyncConnection, author: Author, sensor_id: str, action: Action, now: datetime
) -> Switched:
    """Give a sensor a new key, or let it be heard no more, or again."""
    sensor = await find_sensor(c, sensor_id, to_change=True)
    if sensor is None:
        return "unknown"
    details: dict[str, Any] = {}
    if action == "rotate":
        version = await rotate(c, sensor_id)
        if version is None:
            return "not_joined"
        details = {"key_version": version}
    else:
        change = disable if action == "disable" else enable
        if not await change(c, sensor_id):
            return "unchanged"
    await note_sensor(c, author, sensor_id, action, details, now)
    return "done"


async def note_sensor(
    c: AsyncConnection,
    author: Author,
    sensor_id: str,
    action: str,
    details: Mapping[str, Any],
    now: datetime,
) -> StoredSensor:
    """
    Tell screens and the audit log of what was done to a sensor: last of all.

    Returns:
        The sensor as it is now.

    Raises:
        LookupError: there is none.
    """
    sensor = await find_sensor(c, sensor_id)
    if sensor is None:
        raise LookupError("no sensor of that id")
    facts = {
        "change": action,
        "id": sensor_id,
        "site_id": sensor.site_id,
        "status": sensor.status,
    }
    await emit(c, "sensor", sensor_id, facts, now)
    await _record(c, author, ("sensor", action, sensor_id), details, now)
    return sensor


async def note_site(
    c: AsyncConnection,
    author: Author,
    site_id: str,
    action: str,
    details: Mapping[str, Any],
    now: datetime,
) -> None:
    """Tell screens and the audit log of what was done to a site: last of all."""
    facts = {"change": f"site_{action}", "id": None, "site_id": site_id}
    await emit(c, "sensor", site_id, facts, now)
    await _record(c, author, ("site", action, site_id), details, now)


async def _record(
    c: AsyncConnection,
    author: Author,
    what: tuple[str, str, str],
    details: Mapping[str, Any],
    now: datetime,
) -> None:
    event_type, action, resource = what
    await record(
        c,
        event_type=event_type,
        actor=author.name,
        action=action,
        resource=resource,
        details=details,
        ip_address=author.ip_address,
        now=now,
    )
