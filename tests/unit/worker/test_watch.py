"""Silent sensors, and incidents that came to rest."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.support.batches import NOW, SENSOR, alert, batch, on_engine, put, rows
from tests.support.benches import Clock, Ear, bench

from sentinel_netlab.store.tables import alerts, events, incidents, sensors
from sentinel_netlab.worker.jobs import work_once
from sentinel_netlab.worker.watch import close_incidents, watch_sensors

BEFORE = NOW - timedelta(hours=1)


async def hear(engine, tools, number: int = 0, **values) -> None:
    """A batch of the sensor, received now and worked on."""
    async with engine.begin() as c:
        await put(c, batch(number, **values), now=tools.clock())
    await work_once(tools)


async def found(engine, table, *order):
    """Rows of *table*."""
    async with engine.connect() as c:
        return await rows(c, table, *order)


def watched(url: str, *steps, since=BEFORE):
    """
    What a sensor's life looks like.

    A step is a number, the seconds to wait and then to watch; or a text: ``hear`` a
    batch, or a status to set by hand.
    """
    ear = Ear()

    async def run(engine):
        clock = Clock()
        tools = bench(engine, ear, clock=clock)
        changed = []
        for number, step in enumerate(steps):
            if step == "hear":
                await hear(engine, tools, number)
            elif isinstance(step, str):
                async with engine.begin() as c:
                    await c.execute(sa.update(sensors).values(status=step))
            else:
                clock.move(step)
                changed.append(await watch_sensors(tools, since))
        [sensor] = await found(engine, sensors)
        return changed, sensor["status"], await found(engine, alerts), tools

    return on_engine(url, run)


def test_silent_sensor_is_offline_and_an_alert(migrated_url):
    """After three windows of ten seconds, and once."""
    changed, status, [raised], _ = watched(migrated_url, "hear", 0, 30, 1, 60)

    assert changed == [1, 0, 1, 0]
    assert status == "offline"
    assert (raised["code"], raised["severity"], raised["closed"]) == (
        *("SY001", "high"),
        False,
    )
    assert (raised["first_seen"], raised["sensor_id"]) == (NOW, SENSOR)


def test_return_closes_the_alert(migrated_url):
    """And the next silence is another one."""
    _, status, raised, _ = watched(
        migrated_url, "hear", 0, 31, "hear", 1, "hear", 0, 99
    )

    assert status == "offline"
    assert sorted(row["closed"] for row in raised) == [False, True]


def test_batch_that_waits_is_a_sign_of_life(migrated_url):
    """A worker that is late makes nobody silent."""

    async def run(engine):
        clock = Clock()
        tools = bench(engine, clock=clock)
        await hear(engine, tools)
        clock.move(31)
        async with engine.begin() as c:
            await put(c, batch(1), now=clock())
        await watch_sensors(tools, BEFORE)
        [sensor] = await found(engine, sensors)
        return sensor["status"], await found(engine, alerts)

    assert on_engine(migrated_url, run) == ("online", [])


def test_server_that_was_away_accuses_nobody(migrated_url):
    """It could not hear them; three windows later it could have."""
    since = NOW + timedelta(hours=1)
    changed, status, raised, _ = watched(
        migrated_url, "hear", 3_600, 29, 2, since=since
    )

    assert (changed, status, len(raised)) == ([0, 0, 1], "offline", 1)


@pytest.mark.parametrize("steps", [(99,), ("hear", "disabled", 99)])
def test_who_is_not_expected_is_not_missed(migrated_url, steps):
    """Never heard, or disabled."""
    changed, _, raised, _ = watched(migrated_url, *steps)

    assert (changed, raised) == ([0], [])


def test_silence_of_who_is_disabled_later_is_over(migrated_url):
    """Once: the second look changes nothing."""
    changed, status, [raised], _ = watched(
        migrated_url, "hear", 0, 31, "disabled", 1, 1
    )

    assert (changed, status, raised["closed"]) == ([1, 1, 1, 0], "disabled", True)


def test_screens_hear_of_it(migrated_url):
    """Of the sensor and of its alert, in one transaction."""

    async def run(engine):
        clock = Clock()
        tools = bench(engine, clock=clock)
        await hear(engine, tools)
        clock.move(31)
        await watch_sensors(tools, BEFORE)
        return await found(engine, events, "id")

    told = on_engine(migrated_url, run)

    assert [(one["kind"], one["payload"]["change"]) for one in told] == [
        ("sensor", "offline"),
        ("alert", "raised"),
    ]


def test_workers_at_the_same_time_tell_once(migrated_url):
    """Each finds it silent, one says so."""

    async def run(engine):
        clock = Clock()
        tools = bench(engine, clock=clock)
        await hear(engine, tools)
        clock.move(31)
        done = await asyncio.gather(
            *(watch_sensors(tools, BEFORE) for _ in range(4)), return_exceptions=True
        )
        return done, await found(engine, events)

    done, told = on_engine(migrated_url, run)

    assert sorted(done) == [0, 0, 0, 1]
    assert len(told) == 2


@pytest.mark.parametrize(("closed", "status"), [(True, "closed"), (False, "open")])
def test_incident_comes_to_rest(migrated_url, closed, status):
    """Ten minutes after its last frame, when none of its alerts is open."""

    async def run(engine):
        clock = Clock()
        tools = bench(engine, clock=clock)
        await hear(engine, tools, alerts=[alert(closed=closed)])
        early = await close_incidents(tools)
        clock.move(601)
        return early, await close_incidents(tools), await found(engine, incidents)

    early, late, [incident] = on_engine(migrated_url, run)

    assert (early, late) == (0, int(closed))
    assert incident["status"] == status
