"""Jobs from the claim to their end."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from tests.support.batches import SENSOR, batch, observation, on_engine, put, rows
from tests.support.benches import Clock, bench, counted, log_of

from sentinel_netlab.store.queue import MAX_ATTEMPTS
from sentinel_netlab.store.tables import ingest_jobs, sensors, telemetry
from sentinel_netlab.worker.jobs import error_text, work_once


async def queue(engine, *bodies) -> None:
    """A batch for each of *bodies*; None: a good one."""
    async with engine.begin() as c:
        for number, body in enumerate(bodies):
            one = batch(number, observations=[observation(number)])
            await put(c, one, body=body)


async def jobs_in(engine) -> list[dict]:
    """The queue."""
    async with engine.connect() as c:
        return await rows(c, ingest_jobs, "job_id")


async def count(engine, table: sa.Table) -> int:
    """Rows of *table*."""
    async with engine.connect() as c:
        return len(await rows(c, table))


def test_poison_stops_nobody(migrated_url):
    """It is dead at once, with its error; the jobs beside it are done."""

    async def run(engine):
        await queue(engine, None, b"poison", None)
        tools = bench(engine)
        worked = [await work_once(tools) for _ in range(4)]
        return worked, await jobs_in(engine), await count(engine, telemetry), tools

    worked, jobs, stored, tools = on_engine(migrated_url, run)

    assert worked == [True, True, True, False]
    assert [job["status"] for job in jobs] == ["done", "dead", "done"]
    assert jobs[1]["error_msg"].startswith("WireError")
    assert jobs[0]["body"] is None
    assert stored == 2
    assert [counted(tools, "jobs_total", result=one) for one in ("done", "dead")] == [
        2,
        1,
    ]


def test_metrics_know_how_late_it_was(migrated_url):
    """From receipt to commit."""

    async def run(engine):
        clock = Clock()
        await queue(engine, None)
        clock.move(7)
        tools = bench(engine, clock=clock)
        await work_once(tools)
        return tools

    tools = on_engine(migrated_url, run)

    assert counted(tools, "ingest_lag_seconds_sum") == 7
    assert counted(tools, "observations_stored_total") == 1


def test_trouble_is_tried_again_and_ends(migrated_url, monkeypatch):
    """Each time later; what was half done is undone."""
    import sentinel_netlab.worker.jobs as module

    real = module.store_batch

    async def broken(c, *words):
        await real(c, *words)
        raise RuntimeError("a bug")

    monkeypatch.setattr(module, "store_batch", broken)

    async def run(engine):
        clock = Clock()
        tools = bench(engine, clock=clock)
        await queue(engine, None)
        attempts = 0
        while attempts < 20 and await work_once(tools):
            attempts += 1
            clock.move(301)
        [job] = await jobs_in(engine)
        return attempts, job, await count(engine, telemetry)

    attempts, job, stored = on_engine(migrated_url, run)

    assert attempts == MAX_ATTEMPTS
    assert (job["status"], job["error_msg"]) == ("dead", "RuntimeError: a bug")
    assert stored == 0


def test_lost_lease_writes_nothing(migrated_url, monkeypatch):
    """Another worker has the job: its rows are the ones that count."""
    import sentinel_netlab.worker.jobs as module

    real = module.store_batch

    async def slow(c, *words):
        stored = await real(c, *words)
        await c.execute(sa.update(ingest_jobs).values(lease_owner="worker-2"))
        return stored

    monkeypatch.setattr(module, "store_batch", slow)

    async def run(engine):
        await queue(engine, None)
        tools = bench(engine)
        await work_once(tools)
        return await count(engine, telemetry), log_of(tools)

    assert on_engine(migrated_url, run) == (0, ["Lease Lost"])


def test_error_of_the_database_shows_no_values(migrated_url):
    """Only what the driver says."""

    async def run(engine):
        await queue(engine, None)
        async with engine.begin() as c:
            drop = "DROP TABLE networks"
            await c.execute(sa.text(drop))
        await work_once(bench(engine))
        [job] = await jobs_in(engine)
        return job

    job = on_engine(migrated_url, run)

    assert job["status"] == "queued"
    assert "networks" in job["error_msg"]
    assert "WPA2" not in job["error_msg"]


def test_row_that_failed_is_not_quoted(migrated_url):
    """PostgreSQL tells all of it, as a detail."""
    nobody = {"job_id": "j", "sensor_id": None, "batch_id": "of a body"}

    async def run(engine):
        async with engine.begin() as c:
            await c.execute(sa.insert(ingest_jobs).values(nobody))

    with pytest.raises(sa.exc.IntegrityError) as caught:
        on_engine(migrated_url, run)
    text = error_text(caught.value)

    assert "sensor_id" in text
    assert "of a body" not in text


@pytest.mark.parametrize("status", ["disabled", "offline"])
def test_what_was_accepted_is_stored(migrated_url, status):
    """The controller judged the sensor when it took the batch."""

    async def run(engine):
        await queue(engine, None)
        async with engine.begin() as c:
            await c.execute(
                sa.update(sensors).where(sensors.c.id == SENSOR).values(status=status)
            )
        await work_once(bench(engine))
        return await count(engine, telemetry)

    assert on_engine(migrated_url, run) == 1
