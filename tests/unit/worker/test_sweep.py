"""Retention at work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support.batches import NOW, batch, observation, on_engine, put, rows
from tests.support.benches import Clock, bench

from sentinel_netlab.store.locks import take_turn
from sentinel_netlab.store.retention import Ages
from sentinel_netlab.store.tables import ingest_jobs, telemetry
from sentinel_netlab.worker.jobs import work_once
from sentinel_netlab.worker.sweep import forget

OLD_DAYS = 91
SEVEN = [observation(number) for number in range(7)]


async def stored(engine) -> Clock:
    """Seven observations of a job that was done; the time when all of it is old."""
    clock = Clock()
    async with engine.begin() as c:
        await put(c, batch(observations=SEVEN))
    await work_once(bench(engine, clock=clock))
    clock.now = NOW + timedelta(days=OLD_DAYS)
    return clock


async def left(engine) -> tuple[int, int]:
    """Observations and jobs that are there."""
    async with engine.connect() as c:
        return len(await rows(c, telemetry)), len(await rows(c, ingest_jobs))


@pytest.mark.parametrize("batch_rows", [1, 3, 7, 5_000])
def test_all_that_is_old_goes(migrated_url, batch_rows):
    """A batch at a time, whatever its size."""

    async def run(engine):
        clock = await stored(engine)
        gone = await forget(engine, Ages(), clock, batch_rows=batch_rows)
        return gone, await left(engine)

    gone, rest = on_engine(migrated_url, run)

    assert (gone["telemetry"], gone["ingest_jobs"], gone["alerts"]) == (7, 1, 0)
    assert rest == (0, 0)


def test_what_is_young_stays(migrated_url):
    """The days are those of the settings."""

    async def run(engine):
        clock = await stored(engine)
        ages = Ages(telemetry_days=OLD_DAYS, keys_days=OLD_DAYS)
        await forget(engine, ages, clock)
        return await left(engine)

    assert on_engine(migrated_url, run) == (7, 1)


def test_worker_that_stops_leaves_the_rest(migrated_url):
    """It ends after the batch in hand; the next one goes on."""

    async def run(engine):
        clock = await stored(engine)
        calls = iter([False, True])
        stopping = lambda: next(calls, True)  # noqa: E731
        await forget(engine, Ages(), clock, batch_rows=2, stopping=stopping)
        return await left(engine)

    assert on_engine(migrated_url, run) == (5, 1)


@pytest.mark.optional
def test_one_worker_at_a_time(migrated_url):
    """A table that another forgets is left to it."""

    async def run(engine):
        if engine.dialect.name == "sqlite":
            pytest.skip("one writer at a time: nothing to lock")
        clock = await stored(engine)
        async with engine.begin() as other:
            await take_turn(other, "retention:telemetry")
            await forget(engine, Ages(), clock)
            return await left(engine)

    assert on_engine(migrated_url, run) == (7, 0)
