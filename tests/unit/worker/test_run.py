"""The worker's loops, with a clock that is set."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from tests.support.batches import NOW, alert, batch, observation, on_engine, put, rows
from tests.support.benches import (
    MOST_S,
    READY,
    Clock,
    Ear,
    at_work,
    bench,
    counted,
    dead_ear,
    log_of,
    until,
    worker,
)

from sentinel_netlab.core.wire import Health
from sentinel_netlab.store.schema_state import SchemaState
from sentinel_netlab.store.tables import alerts, ingest_jobs, sensors, telemetry

DRIFT = SchemaState(ready=False, code="schema_drift")


class Stage:
    """A worker at work, and what can be done and seen around it."""

    def __init__(self, engine, *ears: Ear) -> None:
        self.engine = engine
        self.clock = Clock()
        self.tools = bench(engine, *ears, clock=self.clock)
        self.schema = READY
        self.worker = worker(self.tools, self._look)
        self._number = 0

    async def _look(self, _connection) -> SchemaState:
        return self.schema

    async def send(self, **values) -> None:
        """A batch of the sensor, received now."""
        self._number += 1
        async with self.engine.begin() as c:
            await put(c, batch(self._number, **values), now=self.clock())

    async def found(self, table, *order):
        """Rows of *table*."""
        async with self.engine.connect() as c:
            return await rows(c, table, *order)

    async def all_done(self) -> bool:
        """Whether no job waits."""
        return all(row["status"] == "done" for row in await self.found(ingest_jobs))

    async def open_alerts(self, *codes: str) -> bool:
        """Whether exactly the alerts of *codes* are open."""
        found = await self.found(alerts)
        return sorted(one["code"] for one in found if not one["closed"]) == [*codes]


def played(url: str, play, *ears: Ear):
    """What *play* gives on a stage where the worker works."""

    async def run(engine):
        stage = Stage(engine, *ears)
        async with at_work(stage.worker):
            return await play(stage), stage

    return on_engine(url, run)


def test_batches_are_stored_and_told(migrated_url):
    """From the queue to the tables and the channels, with nobody's help."""
    ear = Ear()

    async def play(stage):
        for number in range(5):
            await stage.send(observations=[observation(number)])
        await stage.send(alerts=[alert()])
        await until(stage.all_done)

        async def told():
            return ear.heard

        await until(told)
        return len(await stage.found(telemetry))

    stored, stage = played(migrated_url, play, ear)

    assert stored == 5
    assert [one["what"] for one in ear.notices] == ["raised"]
    assert counted(stage.tools, "jobs_total", result="done") == 6


def test_sensor_falls_silent_and_returns(migrated_url):
    """Three windows: offline and an alert, which closes when it is heard again."""
    ear = Ear()

    async def play(stage):
        await stage.send()
        await until(stage.all_done)
        # The watch begins anew when the worker does: three windows from there.
        stage.clock.move(31)
        await until(lambda: stage.open_alerts("SY001"))
        [offline] = await stage.found(sensors)
        await stage.send()
        await until(stage.open_alerts)
        [online] = await stage.found(sensors)
        return offline["status"], online["status"]

    statuses, _ = played(migrated_url, play, ear)

    assert statuses == ("offline", "online")


@pytest.mark.parametrize(
    ("ill", "code"),
    [
        (Health(frames=989, dropped_frames=11), "SY002"),
        (Health(clock_offset_s=5.1), "SY003"),
        (Health(clock_offset_s=-5.1), "SY003"),
    ],
)
def test_ill_sensor_is_an_alert_until_it_is_well(migrated_url, ill, code):
    """More than 1 % lost, more than 5 s off; the limits themselves are well."""
    well = Health(frames=990, dropped_frames=10, clock_offset_s=5.0)

    async def play(stage):
        async with stage.engine.begin() as c:
            await c.execute(sa.update(sensors).values(health={"at_us": 0}))
        await stage.send(health=ill)
        await until(lambda: stage.open_alerts(code))
        async with stage.engine.begin() as c:
            # Batches of these tests are of one time; the next report is later.
            await c.execute(sa.update(sensors).values(health={"at_us": 0}))
        await stage.send(health=well)
        await until(stage.all_done)
        return await stage.open_alerts()

    assert played(migrated_url, play)[0]


def test_nothing_is_claimed_on_a_wrong_schema(migrated_url):
    """It waits, says so, and goes on by itself."""

    async def play(stage):
        stage.schema = DRIFT

        async def closed():
            return "Schema Not Ready" in log_of(stage.tools)

        await until(closed)
        await stage.send()
        await asyncio.sleep(0.1)
        [job] = await stage.found(ingest_jobs)
        ready = counted(stage.tools, "ready")
        stage.schema = READY
        await until(stage.all_done)
        return job["status"], ready, counted(stage.tools, "ready")

    assert played(migrated_url, play)[0] == ("queued", 0, 1)


def test_trouble_ends_no_worker(migrated_url, monkeypatch):
    """The database went away and came back."""
    import sentinel_netlab.worker.run as module

    real, failures = module.work_once, iter([OSError("gone"), RuntimeError("a bug")])

    async def flaky(tools):
        for failure in failures:
            raise failure
        return await real(tools)

    monkeypatch.setattr(module, "work_once", flaky)

    async def play(stage):
        await stage.send()
        await until(stage.all_done)
        return log_of(stage.tools)

    log = played(migrated_url, play)[0]

    assert log.count("Worker Troubled") == 2


def test_dead_channel_holds_up_nobody(migrated_url):
    """Neither the others nor the jobs."""
    ear = Ear()

    async def play(stage):
        await stage.send(alerts=[alert()])
        await until(stage.all_done)

        async def told():
            return ear.heard

        await until(told)

    played(migrated_url, play, dead_ear(), ear)

    assert len(ear.heard) == 1


def test_gauges_are_measured(migrated_url):
    """Depth and age of the queue, while jobs wait."""

    async def play(stage):
        await stage.send()
        await until(stage.all_done)
        # Nobody may claim what was received in the future.
        async with stage.engine.begin() as c:
            await put(c, batch(2), now=NOW.replace(year=2027))

        async def seen():
            return counted(stage.tools, "queue_depth") == 1

        await until(seen)

    played(migrated_url, play)


def test_stop_finishes_the_job_in_hand(migrated_url, monkeypatch):
    """What was begun is committed, what was not is left to others."""
    import sentinel_netlab.worker.jobs as module

    real = module.store_batch

    async def run(engine):
        stage, stop = Stage(engine), asyncio.Event()

        async def stopping(c, *words):
            stop.set()
            await asyncio.sleep(0.05)
            return await real(c, *words)

        monkeypatch.setattr(module, "store_batch", stopping)
        for number in range(3):
            await stage.send(observations=[observation(number)])
        await stage.worker.run(stop)
        found = await stage.found(ingest_jobs, "job_id")
        return [row["status"] for row in found], len(await stage.found(telemetry))

    assert on_engine(migrated_url, run) == (["done", "queued", "queued"], 1)


def test_once_is_all_that_is_due(migrated_url):
    """Jobs, notices, retention; then it ends."""
    ear = Ear()

    async def run(engine):
        stage = Stage(engine, ear)
        for number in range(3):
            await stage.send(observations=[observation(number)])
        await stage.send(alerts=[alert()])
        await stage.worker.run_once(asyncio.Event())
        return await stage.all_done()

    assert on_engine(migrated_url, run)
    assert len(ear.heard) == 1


@pytest.mark.optional
def test_lanes_work_at_the_same_time(migrated_url, monkeypatch):
    """Each has a job in hand; both are finished at the end."""
    import sentinel_netlab.worker.jobs as module

    real, both = module.store_batch, asyncio.Barrier(2)

    async def together(*words):
        async with asyncio.timeout(MOST_S), both:
            pass
        return await real(*words)

    async def run(engine):
        if engine.dialect.name == "sqlite":
            pytest.skip("one writer at a time: one lane")
        monkeypatch.setattr(module, "store_batch", together)
        stage = Stage(engine)
        for number in range(4):
            await stage.send(observations=[observation(number)])
        async with at_work(worker(stage.tools, lanes=2)):
            await until(stage.all_done)
        return len(await stage.found(telemetry))

    assert on_engine(migrated_url, run) == 4
