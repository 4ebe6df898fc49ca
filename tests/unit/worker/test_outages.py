"""An outage of the database is nobody's attempt: the job in hand waits for its end."""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import errors
from sqlalchemy.exc import DBAPIError
from tests.support.batches import batch, observation, on_engine, put, rows
from tests.support.benches import Clock, bench, counted
from tests.support.databases import sql

import sentinel_netlab.worker.jobs as module
from sentinel_netlab.store.outages import outage_of
from sentinel_netlab.store.queue import MAX_ATTEMPTS, OUTAGE_PAUSE_S
from sentinel_netlab.store.tables import ingest_jobs, telemetry
from sentinel_netlab.worker.jobs import work_once

MANY = 3 * MAX_ATTEMPTS
FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'could not extend file: No space left on device'
  USING ERRCODE = '53100';
END $$
"""
TRIGGER = """
CREATE TRIGGER no_room BEFORE INSERT ON telemetry
FOR EACH ROW EXECUTE FUNCTION no_room()
"""
DISK_FULL, GONE = errors.DiskFull, psycopg.OperationalError


def failure(kind: type[psycopg.Error]) -> DBAPIError:
    """As SQLAlchemy raises it."""
    dialect = sa.make_url("postgresql+psycopg://").get_dialect()()
    return DBAPIError.instance("X", {}, kind("x"), psycopg.Error, dialect=dialect)


async def queued(engine, count: int = 1) -> None:
    async with engine.begin() as c:
        for number in range(count):
            await put(c, batch(number, observations=[observation(number)]))


async def jobs_in(engine) -> list[dict]:
    async with engine.connect() as c:
        return await rows(c, ingest_jobs, "job_id")


async def stored_in(engine) -> int:
    async with engine.connect() as c:
        return len(await rows(c, telemetry))


async def attempt(tools, kind: type[psycopg.Error]) -> None:
    """One that ends in an outage, which is told to the loop."""
    with pytest.raises((DBAPIError, psycopg.Error)) as caught:
        await work_once(tools)
    # COPY is the driver's own: SQLAlchemy does not wrap what it raises.
    assert isinstance(getattr(caught.value, "orig", caught.value), kind)


@pytest.fixture
def breaks(monkeypatch):
    """Let storing fail with each of some errors, then be as it is."""
    real = module.store_batch

    def set_up(*kinds: type[psycopg.Error]) -> None:
        left = list(kinds)

        async def broken(c, *words):
            stored = await real(c, *words)
            if left:
                raise failure(left.pop(0))
            return stored

        monkeypatch.setattr(module, "store_batch", broken)

    return set_up


def test_the_job_is_put_back_as_often_as_it_takes(any_url, breaks):
    """No attempt is used up, no error kept; at the end it is stored once."""
    breaks(*[DISK_FULL] * MANY)

    async def run(engine):
        clock = Clock()
        tools = bench(engine, clock=clock)
        await queued(engine)
        for _ in range(MANY):
            await attempt(tools, DISK_FULL)
            [job] = await jobs_in(engine)
            assert (job["status"], job["attempts"]) == ("queued", 0)
            assert job["lease_owner"] is None
            assert job["error_msg"] is None
            assert await work_once(tools) is False, "not at once"
            clock.move(OUTAGE_PAUSE_S)
        assert await work_once(tools)
        [job] = await jobs_in(engine)
        return job, await stored_in(engine), tools

    job, stored, tools = on_engine(any_url, run)

    assert (job["status"], job["attempts"], stored) == ("done", 1, 1)
    assert counted(tools, "jobs_total", result="put_back") == MANY
    assert counted(tools, "jobs_total", result="dead") == 0


def test_what_cannot_be_put_back_at_once_is_owed(any_url, breaks, monkeypatch):
    """Until the database is back: before another job is claimed."""
    breaks(GONE)
    real = module.put_back
    away = [failure(GONE), failure(GONE)]

    async def put_back(*words):
        if away:
            raise away.pop()
        await real(*words)

    monkeypatch.setattr(module, "put_back", put_back)

    async def run(engine):
        tools = bench(engine, clock=Clock())
        await queued(engine, 2)
        await attempt(tools, GONE)
        await attempt(tools, GONE)
        leased = [job["status"] for job in await jobs_in(engine)]
        assert await work_once(tools)
        return leased, await jobs_in(engine), tools

    leased, jobs, tools = on_engine(any_url, run)

    assert sorted(leased) == ["leased", "queued"]
    assert sorted((job["status"], job["attempts"]) for job in jobs) == [
        ("done", 1),
        ("queued", 0),
    ]
    assert tools.owed == []


def test_a_job_that_another_has_by_now_is_left_to_them(any_url, breaks):
    """Its lease ran out during the outage."""
    breaks(GONE)

    async def run(engine):
        clock = Clock()
        tools, other = bench(engine, clock=clock), bench(engine, clock=clock)
        await queued(engine)
        async with engine.begin() as c:
            lost = await module.claim(c, owner="w", lease_s=60, now=clock())
        clock.move(61)
        assert await _claimed(engine, other, clock)
        tools.owed.append(lost)
        assert await work_once(tools) is False
        return await jobs_in(engine)

    [job] = on_engine(any_url, run)

    assert (job["status"], job["attempts"], job["lease_owner"]) == (
        "leased",
        2,
        "worker-1",
    )


async def _claimed(engine, other, clock):
    async with engine.begin() as c:
        return await module.claim(c, owner=other.owner, lease_s=60, now=clock())


def test_a_job_that_brings_the_database_down_is_buried_at_last(any_url, breaks):
    """The connection breaks under it, and under no other: it is spared for a while."""
    breaks(*[GONE] * (3 * MAX_ATTEMPTS))

    async def run(engine):
        clock = Clock()
        tools = bench(engine, clock=clock)
        await queued(engine)
        for _ in range(MAX_ATTEMPTS):
            await attempt(tools, GONE)
            clock.move(301)
        [spared] = await jobs_in(engine)
        for _ in range(MAX_ATTEMPTS):
            assert await work_once(tools)
            clock.move(301)
        [buried] = await jobs_in(engine)
        return spared, buried

    spared, buried = on_engine(any_url, run)

    assert (spared["status"], spared["attempts"]) == ("queued", 0)
    assert (buried["status"], buried["attempts"]) == ("dead", MAX_ATTEMPTS)


@pytest.mark.parametrize("database_kind", ["postgresql16"])
def test_postgresql_has_no_room(migrated_url):
    """As it says it itself; when there is room again, nothing is lost."""

    async def run(engine):
        clock = Clock()
        tools = bench(engine, clock=clock)
        await queued(engine, 2)
        sql(migrated_url, FULL, TRIGGER)
        for _ in range(MANY):
            await attempt(tools, DISK_FULL)
            clock.move(OUTAGE_PAUSE_S)
        during = await jobs_in(engine), await stored_in(engine)
        sql(migrated_url, "DROP TRIGGER no_room ON telemetry", "DROP FUNCTION no_room")
        clock.move(OUTAGE_PAUSE_S)
        assert [await work_once(tools) for _ in range(3)] == [True, True, False]
        return during, await jobs_in(engine), await stored_in(engine)

    (during, none), jobs, stored = on_engine(migrated_url, run)

    assert {(job["status"], job["attempts"]) for job in during} == {("queued", 0)}
    assert {job["status"] for job in jobs} == {"done"}
    assert (none, stored) == (0, 2)


@pytest.mark.parametrize("database_kind", ["postgresql16"])
def test_postgresql_is_read_only(migrated_url):
    """Nothing can even be claimed; the queue is as it was."""
    switch = (
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET"
        " default_transaction_read_only = {}', current_database()); END $$"
    )

    async def run(engine):
        tools = bench(engine)
        await queued(engine)
        sql(migrated_url, switch.format("on"))
        await engine.dispose()
        with pytest.raises(DBAPIError) as caught:
            await work_once(tools)
        before = await jobs_in(engine)
        writable = "SET default_transaction_read_only = off"
        sql(migrated_url, writable, switch.format("off"))
        await engine.dispose()
        assert await work_once(tools)
        return outage_of(caught.value), before

    outage, [before] = on_engine(migrated_url, run)

    assert outage == "db_read_only"
    assert (before["status"], before["attempts"]) == ("queued", 0)


@pytest.mark.parametrize("database_kind", ["postgresql16"])
def test_the_connection_is_ended_under_a_job(migrated_url, monkeypatch):
    """By the server, in the middle of storing: it is done at the next attempt."""
    real, ended = module.store_batch, []

    async def cut(c, *words):
        stored = await real(c, *words)
        if not ended:
            pid = (await c.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one()
            ended.append(sql(migrated_url, f"SELECT pg_terminate_backend({pid})"))
        return stored

    monkeypatch.setattr(module, "store_batch", cut)

    async def run(engine):
        clock = Clock()
        tools = bench(engine, clock=clock)
        await queued(engine)
        with pytest.raises(DBAPIError):
            await work_once(tools)
        [before] = await jobs_in(engine)
        clock.move(OUTAGE_PAUSE_S)
        assert await work_once(tools)
        return before, await jobs_in(engine), await stored_in(engine)

    before, [job], stored = on_engine(migrated_url, run)

    assert ended == [[(True,)]]
    assert (before["status"], before["attempts"]) == ("queued", 0)
    assert (job["status"], job["attempts"], stored) == ("done", 1, 1)
