"""Whoever writes in whatever order: a screen that comes and goes hears all, once."""

from __future__ import annotations

import asyncio
import random

import pytest
from tests.support.app import on_app
from tests.support.batches import NOW
from tests.support.evidence import evidence
from tests.support.lists import MANY
from tests.support.people import bearer
from tests.support.streams import listening

from sentinel_netlab.controller.api.events import EventRoutes
from sentinel_netlab.store.events import emit

SEED = 20_260_301
WRITERS = 6
MAY_ROLL_BACK = 0.1
LAST = "last"


async def _write(engine, name, times, chance, committed):
    """Transactions that stay open for a while after they wrote; some are given up."""
    for number in range(times):
        names = [f"{name}-{number}-{part}" for part in range(chance.randint(1, 3))]
        async with engine.connect() as c:
            for one in names:
                await emit(c, "alert", one, {"id": one}, NOW)
                await asyncio.sleep(chance.choice((0.0, 0.0, 0.02)))
            if chance.random() < MAY_ROLL_BACK:
                await c.rollback()
                continue
            await c.commit()
        committed += names


async def _hear(lab, headers, chance):
    """What a screen hears that comes again after every few events, until `LAST`."""
    heard, streams, last_id = [], 0, None
    while True:
        again = {} if last_id is None else {"Last-Event-ID": last_id}
        async with listening(lab.app, headers | again) as listener:
            await listener.next()
            streams += 1
            for _ in range(chance.randint(1, 20)):
                event = await listener.event()
                assert event is not None
                assert event.event == "alert"
                heard.append(event.data["id"])
                if heard[-1] == LAST:
                    return heard[:-1], streams
            last_id = listener.last_id


async def _play(lab, times):
    """All at once; what was committed, what was heard, by how many streams."""
    chance, committed = random.Random(SEED), []
    headers = await bearer(lab, "viewer")
    async with listening(lab.app, headers) as steady:
        await steady.next()
        leaving = asyncio.create_task(_hear(lab, headers, chance))
        async with asyncio.TaskGroup() as tasks:
            for number in range(WRITERS):
                own = random.Random(SEED + number)
                name = f"w{number}"
                tasks.create_task(_write(lab.engine, name, times, own, committed))
        async with lab.engine.begin() as c:
            await emit(c, "alert", LAST, {"id": LAST}, NOW)
        stayed = []
        while (event := await steady.event()) and event.data["id"] != LAST:
            stayed.append(event.data["id"])
        left, streams = await leaving
    return committed, stayed, left, streams


def _check(url, times):
    committed, stayed, left, streams = on_app(
        url, lambda lab: _play(lab, times), routes=(EventRoutes,), **MANY
    )
    assert sorted(stayed) == sorted(committed)
    # who comes and goes may begin after the first of them, and then hears the rest
    assert left == stayed[len(stayed) - len(left) :]
    return {"events": len(committed), "heard_by_leaver": len(left), "streams": streams}


def test_nothing_is_skipped_and_nothing_comes_twice(migrated_url):
    """Six writers whose transactions overlap; one screen stays, one comes and goes."""
    counts = _check(migrated_url, 8)

    assert counts["streams"] > 1


@pytest.mark.long
def test_nothing_is_skipped_at_length(migrated_url, database_kind):
    """The same, with some thousand events."""
    with evidence(f"stream-order-{database_kind}", SEED) as counts:
        counts.update(_check(migrated_url, 300))
