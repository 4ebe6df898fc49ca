"""
The outbox: what channels have still to say.  Written with what it tells of, sent later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.store.locks import take_turn
from sentinel_netlab.store.tables import notices

MAX_ATTEMPTS = 16
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 3_600.0
MOST_AT_ONCE = 200
_columns = notices.c


@dataclass(frozen=True, slots=True)
class NewNotice:
    """
    Something to tell.

    Attributes:
        topic: id of the incident, or of the alert that is in none.
    """

    topic: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that is leased to a worker."""

    id: int
    topic: str
    payload: dict[str, Any]
    created_at: datetime
    attempts: int


async def post(
    c: AsyncConnection, channels: Sequence[str], new: Sequence[NewNotice], now: datetime
) -> None:
    """Write *new* for each of *channels*, in the transaction of what it tells of."""
    rows = [
        {
            "channel": channel,
            "incident_id": one.topic,
            "payload": dict(one.payload),
            "created_at": now,
            "next_attempt_at": now,
        }
        for one in new
        for channel in channels
    ]
    if rows:
        await c.execute(sa.insert(notices).inline(), rows)


async def claim_notices(
    c: AsyncConnection, channel: str, *, quiet_s: float, lease_s: float, now: datetime
) -> list[Notice]:
    """
    Lease what *channel* is to say next, the oldest first.

    Args:
        quiet_s: 0, or the time between two messages of one topic; then all that is due
            of one topic is given, unless the topic has been spoken of in that time or
            another worker does so now.
    """
    await take_turn(c, f"notices:{channel}")
    due = _due(channel, now)
    if quiet_s:
        topic = (await c.execute(_topic(channel, quiet_s, now))).scalar()
        if topic is None:
            return []
        due &= _columns.incident_id == topic
    query = (
        sa.select(_columns.id, _columns.incident_id, _columns.payload,
                  _columns.created_at, _columns.attempts)
        .where(due)
        .order_by(_columns.id)
        .limit(MOST_AT_ONCE)
    )  # fmt: skip
    claimed = [
        Notice(row.id, row.incident_id or "", row.payload, row.created_at,
               row.attempts + 1)
        for row in await c.execute(query)
    ]  # fmt: skip
    await _set(
        c, claimed,
        attempts=_columns.attempts + 1,
        lease_until=now + timedelta(seconds=max(lease_s, quiet_s)),
    )  # fmt: skip
    return claimed


def _due(channel: str, now: datetime) -> sa.ColumnElement[bool]:
    return (
        (_columns.channel == channel)
        & _columns.sent_at.is_(None)
        & (_columns.next_attempt_at <= now)
        & (_columns.attempts < MAX_ATTEMPTS)
        & (_columns.lease_until.is_(None) | (_columns.lease_until <= now))
    )


def _topic(channel: str, quiet_s: float, now: datetime) -> sa.Select[Any]:
    """The topic whose notice waits longest among those that may be spoken of."""
    other = notices.alias("other")
    spoken = sa.exists().where(
        other.c.channel == channel,
        other.c.incident_id == _columns.incident_id,
        (other.c.sent_at > now - timedelta(seconds=quiet_s))
        | (other.c.sent_at.is_(None) & (other.c.lease_until > now)),
    )
    return (
        sa.select(_columns.incident_id)
        .where(_due(channel, now), ~spoken)
        .order_by(_columns.id)
        .limit(1)
    )


async def mark_sent(c: AsyncConnection, sent: Sequence[Notice], now: datetime) -> None:
    """The channel has said it."""
    await _set(c, sent, sent_at=now, lease_until=None, error_msg=None)


async def mark_failed(
    c: AsyncConnection,
    failed: Sequence[Notice],
    error: str,
    now: datetime,
    *,
    permanent: bool = False,
) -> None:
    """The channel could not; it tries again after a pause, or never if *permanent*."""
    values: dict[str, Any] = {
        "lease_until": None,
        "next_attempt_at": now + timedelta(seconds=pause_s(failed)),
        "error_msg": error.replace("\0", "")[:500],
    }
    if permanent:
        values["attempts"] = MAX_ATTEMPTS
    await _set(c, failed, **values)


def pause_s(failed: Sequence[Notice]) -> float:
    """Seconds until *failed* are tried again."""
    attempts = max((one.attempts for one in failed), default=1)
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (attempts - 1))


async def put_back(
    c: AsyncConnection, untried: Sequence[Notice], due_at: datetime
) -> None:
    """Nobody tried to say them: that is no attempt of theirs."""
    await _set(
        c, untried,
        attempts=_columns.attempts - 1,
        lease_until=None,
        next_attempt_at=due_at,
    )  # fmt: skip


async def _set(c: AsyncConnection, which: Sequence[Notice], **values: Any) -> None:
    ids = [one.id for one in which]
    if ids:
        await c.execute(sa.update(notices).where(_columns.id.in_(ids)).values(**values))
