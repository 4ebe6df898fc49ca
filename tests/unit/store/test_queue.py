"""The queue of batches."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.batches import NOW, batch, in_transaction, on_engine, put, rows

from sentinel_netlab.store.queue import (
    MAX_ATTEMPTS,
    claim,
    depth,
    fail,
    finish,
    list_jobs,
    pause_s,
    purge_done,
    requeue,
)
from sentinel_netlab.store.tables import ingest_jobs

LEASE_S = 60.0


def at(seconds: float):
    """A time of the test."""
    return NOW + timedelta(seconds=seconds)


async def take(c, now=NOW, owner="w"):
    """The next job, leased."""
    return await claim(c, owner=owner, lease_s=LEASE_S, now=now)


async def fill(c, count: int) -> None:
    """Batches, a second apart."""
    for number in range(count):
        await put(c, batch(number), now=at(number))


async def wear_out(c, job, now):
    """Let workers die over *job* until nobody tries any more; the last time."""
    while job is not None:
        now += timedelta(seconds=LEASE_S)
        job = await take(c, now)
    return now


@pytest.mark.parametrize(
    ("body", "answer"), [(None, "duplicate"), (b"other", "conflict")]
)
@pytest.mark.parametrize("is_done", [False, True])
def test_batch_is_queued_once(migrated_url, body, answer, is_done):
    """The second time it is a duplicate, or a conflict; also after it was done."""

    async def run(c):
        first = await put(c, batch())
        if is_done:
            await finish(c, await take(c), NOW)
        second = await put(c, batch(), body=body)
        return first, second, len(await rows(c, ingest_jobs))

    assert in_transaction(migrated_url, run) == ("queued", answer, 1)


def test_first_come_first_served(migrated_url):
    """Each job to one worker, in the order of receipt."""

    async def run(c):
        await fill(c, 3)
        return [job and job.batch_id for job in [await take(c, at(9)) for _ in "1234"]]

    names = [batch(number).batch_id for number in range(3)]
    assert in_transaction(migrated_url, run) == [*names, None]


def test_job_is_what_was_received(migrated_url):
    """With the time of its receipt, by which everything of it is dated."""

    async def run(c):
        await put(c, batch(), body=b"bytes")
        return await take(c, at(5))

    job = in_transaction(migrated_url, run)

    assert (job.body, job.encoding, job.received_at) == (b"bytes", "identity", NOW)
    assert (job.attempts, job.owner) == (1, "w")


def test_claims_at_the_same_time_get_different_jobs(migrated_url):
    """Nobody waits for another's transaction, nobody gets another's job."""

    async def run(engine):
        async with engine.begin() as c:
            await fill(c, 6)

        async def one(number):
            async with engine.begin() as c:
                return (await take(c, at(9), f"w{number}")).job_id

        return await asyncio.gather(*map(one, range(6)))

    assert len(set(on_engine(migrated_url, run))) == 6


def test_lease_that_ran_out_is_anybodys(migrated_url):
    """Before the queue goes on; the first worker's end counts no more."""

    async def run(c):
        await fill(c, 2)
        dead = await take(c, at(1), "dead")
        early = await take(c, at(2), "early")
        heir = await take(c, at(1 + LEASE_S), "heir")
        ends = [await finish(c, job, at(90)) for job in (dead, heir, early)]
        return dead, heir, ends

    dead, heir, ends = in_transaction(migrated_url, run)

    assert (heir.job_id, heir.attempts) == (dead.job_id, 2)
    assert ends == [False, True, True]


def test_done_job_keeps_its_key_alone(migrated_url):
    """The body goes at once."""

    async def run(c):
        await fill(c, 1)
        await finish(c, await take(c), at(3))
        return await rows(c, ingest_jobs)

    [row] = in_transaction(migrated_url, run)

    assert (row["status"], row["body"], row["done_at"]) == ("done", None, at(3))
    assert row["digest"]


def test_failure_waits_and_ends(migrated_url):
    """Each pause twice the last, then dead, with its body and why."""

    async def run(c):
        await fill(c, 1)
        now, pauses = NOW, []
        while (job := await take(c, now)) is not None:
            await fail(c, job, "no\0luck", now)
            [row] = await rows(c, ingest_jobs)
            if row["status"] == "queued":
                pauses.append((row["next_attempt_at"] - now).total_seconds())
                now = row["next_attempt_at"]
        return pauses, row

    pauses, row = in_transaction(migrated_url, run)

    assert pauses == [2, 4, 8, 16, 32, 64, 128]
    assert (row["status"], row["error_msg"], row["attempts"]) == (
        "dead",
        "noluck",
        MAX_ATTEMPTS,
    )
    assert row["body"] is not None


@pytest.mark.parametrize(("attempts", "pause"), [(1, 2), (8, 256), (9, 300), (99, 300)])
def test_pause_has_a_limit(attempts, pause):
    """However often it failed."""
    assert pause_s(attempts) == pause


def test_poison_is_dead_at_once(migrated_url):
    """Its text is cut."""

    async def run(c):
        await fill(c, 1)
        await fail(c, await take(c), "x" * 9_999, NOW, permanent=True)
        return await rows(c, ingest_jobs)

    [row] = in_transaction(migrated_url, run)

    assert (row["status"], len(row["error_msg"])) == ("dead", 500)


def test_killer_of_workers_is_buried(migrated_url):
    """It never came to `fail`; the next job is given in the same claim."""

    async def run(c):
        await fill(c, 1)
        now = await wear_out(c, await take(c), NOW)
        return now, await rows(c, ingest_jobs)

    now, [row] = in_transaction(migrated_url, run)

    assert now == at(MAX_ATTEMPTS * LEASE_S)
    assert (row["status"], row["attempts"]) == ("dead", MAX_ATTEMPTS + 1)
    assert "its workers died" in row["error_msg"]


@pytest.mark.parametrize("chosen", [None, 0, 7])
def test_dead_jobs_come_back_when_somebody_says_so(migrated_url, chosen):
    """All, or the one that is named; as if they were new."""

    async def run(c):
        await fill(c, 3)
        for _ in range(2):
            await fail(c, await take(c, at(9)), "why", at(9), permanent=True)
        name = None if chosen is None else f"roof:{batch(chosen).batch_id}"
        count = await requeue(c, at(10), name)
        return count, (await depth(c, at(10))).dead, await take(c, at(10))

    count, dead, job = in_transaction(migrated_url, run)

    assert (count, dead) == {None: (2, 0), 0: (1, 1), 7: (0, 2)}[chosen]
    assert job.attempts == 1


def test_depth_counts_what_waits(migrated_url):
    """The age is that of the oldest that is not done, leased ones too."""

    async def run(c):
        nothing = await depth(c, NOW)
        await fill(c, 4)
        await fail(c, await take(c, at(9)), "why", at(9), permanent=True)
        await take(c, at(9))
        return nothing, await depth(c, at(61))

    nothing, found = in_transaction(migrated_url, run)

    assert dataclasses.astuple(nothing) == (0, 0, 0, 0)
    assert (found.queued, found.leased, found.dead) == (2, 1, 1)
    assert found.oldest_age_s == 60


def test_adopted_jobs_are_left_alone(migrated_url):
    """Never claimed, counted, brought back or forgotten; shown."""

    async def run(c):
        await fill(c, 2)
        await fail(c, await take(c, at(9)), "why", at(9), permanent=True)
        await c.execute(sa.update(ingest_jobs).values(adopted=True))
        found = await depth(c, at(99))
        touched = [await requeue(c, NOW), await purge_done(c, at(9e6))]
        return await take(c, at(99)), touched, found, await list_jobs(c)

    job, touched, found, listed = in_transaction(migrated_url, run)

    assert (job, touched) == (None, [0, 0])
    assert dataclasses.astuple(found) == (0, 0, 0, 0)
    assert [row["status"] for row in listed] == ["queued", "dead"]


def test_jobs_are_listed_newest_first(migrated_url):
    """By status if wanted; no body among what is shown."""

    async def run(c):
        await fill(c, 3)
        await fail(c, await take(c, at(9)), "why", at(9), permanent=True)
        return await list_jobs(c, limit=2), await list_jobs(c, status="dead")

    newest, [dead] = in_transaction(migrated_url, run)

    assert [row["received_at"] for row in newest] == [at(2), at(1)]
    assert dead["error_msg"] == "why"
    assert "body" not in dead


def test_keys_are_forgotten_when_they_are_old(migrated_url):
    """Of done jobs only, a batch at a time."""

    async def run(c):
        await fill(c, 4)
        for second in range(3):
            await finish(c, await take(c, at(9)), at(100 + second))
        counts = [await purge_done(c, at(102), limit=1) for _ in range(3)]
        return counts, [row["status"] for row in await rows(c, ingest_jobs, "job_id")]

    assert in_transaction(migrated_url, run) == ([1, 1, 0], ["done", "queued"])


STEPS = st.lists(
    st.tuples(st.sampled_from(["take", "finish", "fail", "die"]), st.integers(0, 9)),
    max_size=25,
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STEPS)
def test_each_job_is_done_once_whatever_happens(migrated_url, steps):
    """Whoever ends a job holds it; nothing gets lost on the way."""

    async def run(c):
        await c.execute(sa.delete(ingest_jobs))
        await fill(c, 3)
        now, given, done = at(9), [], []
        for step, which in steps:
            now += timedelta(seconds=LEASE_S if step == "die" else 1)
            job = given[which % len(given)] if given else None
            if step == "take":
                given += filter(None, [await take(c, now, f"w{len(given)}")])
            elif step == "finish" and job and await finish(c, job, now):
                done.append(job.job_id)
            elif step == "fail" and job:
                await fail(c, job, "why", now)
        while (job := await take(c, now := now + timedelta(hours=1))) is not None:
            done += [job.job_id] if await finish(c, job, now) else []
        dead = [row["job_id"] for row in await list_jobs(c, status="dead")]
        return sorted(done + dead)

    names = [f"roof:{batch(number).batch_id}" for number in range(3)]
    assert in_transaction(migrated_url, run) == names
