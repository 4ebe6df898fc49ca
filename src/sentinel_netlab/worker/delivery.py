"""
Saying what the outbox holds, channel by channel.

Each channel has a loop of its own, so that a dead one holds up nobody.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sentinel_netlab.notify.message import TIMEOUT_S, Channel, Message, NotifyError
from sentinel_netlab.store.notices import (
    Notice,
    claim_notices,
    mark_failed,
    mark_sent,
    pause_s,
    put_back,
)
from sentinel_netlab.worker.jobs import Bench

LEASE_S = 60.0
"""Longer than a channel may take for all that is claimed at once."""
MAX_SENDING_S = 45.0


async def deliver_once(bench: Bench, channel: Channel) -> int:
    """
    Claim what *channel* is to say next, and say it; the number of notices claimed.

    Raises:
        SQLAlchemyError, OSError: the database does not answer.
    """
    async with bench.engine.begin() as c:
        claimed = await claim_notices(
            c, channel.name, quiet_s=channel.quiet_s, lease_s=LEASE_S, now=bench.clock()
        )
    until_s = asyncio.get_running_loop().time() + MAX_SENDING_S
    messages = _messages(channel, claimed)
    while messages and asyncio.get_running_loop().time() < until_s:
        if not await _send(bench, channel, messages.pop(0)):
            break
    await _put_back(bench, claimed, [one for rest in messages for one in rest])
    return len(claimed)


def _messages(channel: Channel, claimed: list[Notice]) -> list[list[Notice]]:
    """What is said in one message each."""
    if channel.quiet_s:
        return [claimed] if claimed else []
    return [[one] for one in claimed]


async def _send(bench: Bench, channel: Channel, notices: list[Notice]) -> bool:
    """Say one message; False: the channel will say no other now either."""
    message = Message(
        # Of the first and the last, for more may have come when it is said again.
        id=f"{channel.name}-{notices[0].id}-{notices[-1].id}",
        topic=notices[0].topic,
        created_at=notices[0].created_at,
        notices=tuple(one.payload for one in notices),
    )
    error = None
    try:
        async with asyncio.timeout(2 * TIMEOUT_S):
            await channel.send(message)
    except NotifyError as failure:
        error = failure
    except Exception as failure:  # noqa: BLE001  # a channel's bug is its own
        error = NotifyError(f"{type(failure).__name__}: {failure}")
    async with bench.engine.begin() as c:
        if error is None:
            await mark_sent(c, notices, bench.clock())
        else:
            await mark_failed(
                c, notices, str(error), bench.clock(), permanent=error.permanent
            )
    result = "sent" if error is None else "failed"
    bench.metrics.notices.labels(channel.name, result).inc(len(notices))
    if error is not None:
        bench.log.warning("Notice Failed", channel=channel.name, error=str(error))
    return error is None or error.permanent


async def _put_back(bench: Bench, claimed: list[Notice], untried: list[Notice]) -> None:
    """Let *untried* wait as long as the one before them that failed."""
    if untried:
        due_at = bench.clock() + timedelta(seconds=pause_s(claimed))
        async with bench.engine.begin() as c:
            await put_back(c, untried, due_at)
