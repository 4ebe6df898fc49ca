"""Batches that come at the same time share a transaction, and nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter
from hashlib import sha256

import sqlalchemy as sa
from tests.support.app import Lab, on_app
from tests.support.batches import SENSOR, batch, rows

from sentinel_netlab.controller.ingest import intake as module
from sentinel_netlab.controller.ingest.signed import SignedRequest
from sentinel_netlab.core.signing import SignedBy
from sentinel_netlab.core.wire import encode_batch
from sentinel_netlab.store.tables import ingest_jobs, sensor_nonces

PLENTY = {"credential_burst": 10_000}


def signed(
    number: int, *, sensor: str = SENSOR, nonce: str = "", body: bytes = b""
) -> SignedRequest:
    """A batch whose signature was good."""
    content = body or encode_batch(batch(number))
    key = batch(number).batch_id
    by = SignedBy(sensor, 1, nonce or f"n{number}", 0, "", "identity", key)
    return SignedRequest(by, content, sha256(content).hexdigest())


async def take(lab: Lab, *requests: SignedRequest) -> list[str]:
    """The answers to *requests* that come at the same time, as words."""
    answers = await asyncio.gather(
        *(lab.services.intake.take(one) for one in requests), return_exceptions=True
    )
    return [getattr(answer, "code", answer) for answer in answers]


async def effects(lab: Lab) -> tuple[int, int]:
    """Jobs and nonces that there are."""
    async with lab.engine.connect() as c:
        return len(await rows(c, ingest_jobs)), len(await rows(c, sensor_nonces))


def counted(lab: Lab) -> list[object]:
    """A list that grows by each commit."""
    commits: list[object] = []
    sa.event.listen(lab.engine.sync_engine, "commit", commits.append)
    return commits


def test_many_batches_are_few_commits(migrated_url):
    """Each is queued once."""

    async def ask(lab):
        commits = counted(lab)
        answers = await take(lab, *(signed(number) for number in range(100)))
        return Counter(answers), len(commits), await effects(lab)

    answers, commits, left = on_app(migrated_url, ask, **PLENTY)
    assert answers == {"queued": 100}
    assert commits <= 100 // module.MANY
    assert left == (100, 100)


def test_who_comes_alone_does_not_wait(migrated_url):
    """One batch, one transaction, at once."""

    async def ask(lab):
        commits = counted(lab)
        found = [await take(lab, signed(number)) for number in range(3)]
        return found, len(commits)

    assert on_app(migrated_url, ask) == ([["queued"]] * 3, 3)


def test_each_gets_its_own_answer(migrated_url):
    """Whatever its neighbours are; the refused leave nothing."""

    async def ask(lab):
        first = await take(lab, signed(1), signed(2))
        second = await take(
            lab,
            signed(3),
            signed(1, nonce="a"),
            signed(2, nonce="b", body=b"other"),
            signed(4, nonce="n1"),
            signed(5, sensor="stranger"),
            signed(6),
        )
        return first, second, await effects(lab)

    first, second, left = on_app(migrated_url, ask, **PLENTY)
    assert first == ["queued", "queued"]
    assert second == [
        *("queued", "duplicate", "conflict"),
        *("replayed", "sensor_unknown", "queued"),
    ]
    assert left == (4, 6)


def test_the_same_twice_at_once(migrated_url):
    """The first is queued; of one nonce, the second is a replay."""

    async def ask(lab):
        await take(lab, signed(0))
        return await take(
            lab,
            signed(1),
            signed(1, nonce="a"),
            signed(1, nonce="b", body=b"other"),
            signed(2, nonce="a"),
        ), await effects(lab)

    answers, left = on_app(migrated_url, ask, **PLENTY)
    assert answers == ["queued", "duplicate", "conflict", "replayed"]
    assert left == (2, 4)


def test_a_sensor_that_sends_too_much_is_held_in_a_group_too(migrated_url):
    """The first ones are taken."""

    async def ask(lab):
        answers = await take(lab, *(signed(number) for number in range(5)))
        return Counter(answers), await effects(lab)

    answers, left = on_app(migrated_url, ask, credential_burst=3)
    assert answers == {"queued": 3, "rate_limited": 2}
    assert left == (3, 3)


def test_a_full_queue_refuses_all_that_wait(migrated_url):
    """And remembers nothing of them, but for what was replayed."""

    async def ask(lab):
        await take(lab, signed(1), signed(2))
        lab.clock.advance(2)
        answers = await take(lab, signed(3), signed(4), signed(1))
        return answers, await effects(lab)

    answers, left = on_app(migrated_url, ask, queue_max_jobs=1)
    assert answers == ["queue_full", "queue_full", "replayed"]
    assert left == (2, 2)


def test_a_commit_that_fails_takes_none(migrated_url):
    """All are told to come again."""

    async def ask(lab):
        def fail(_connection):
            raise sa.exc.OperationalError("COMMIT", {}, Exception("disk full"))

        sa.event.listen(lab.engine.sync_engine, "commit", fail)
        answers = await asyncio.gather(
            *(lab.services.intake.take(signed(n)) for n in range(3)),
            return_exceptions=True,
        )
        sa.event.remove(lab.engine.sync_engine, "commit", fail)
        return answers, await effects(lab), await take(lab, signed(0))

    answers, left, later = on_app(migrated_url, ask)
    assert {type(answer) for answer in answers} == {sa.exc.OperationalError}
    assert left == (0, 0)
    assert later == ["queued"]


def test_one_that_cannot_be_stored_is_alone(migrated_url, monkeypatch):
    """Its neighbours are taken without it."""
    poison = batch(1).batch_id
    enqueue_all = module.enqueue_all

    async def enqueue(c, batches, now):
        if any(one.batch_id == poison for one in batches):
            raise ValueError(poison)
        return await enqueue_all(c, batches, now)

    monkeypatch.setattr(module, "enqueue_all", enqueue)

    async def ask(lab):
        answers = await asyncio.gather(
            *(lab.services.intake.take(signed(n)) for n in range(3)),
            return_exceptions=True,
        )
        return answers, await effects(lab)

    answers, left = on_app(migrated_url, ask)
    assert (answers[0], answers[2]) == ("queued", "queued")
    assert isinstance(answers[1], ValueError)
    assert left == (2, 2)


def test_who_goes_away_stops_nobody(migrated_url):
    """The others are taken, and the next too."""

    async def ask(lab):
        tasks = [
            asyncio.create_task(lab.services.intake.take(signed(n))) for n in range(40)
        ]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        return set(answers[1::2]), await take(lab, signed(99))

    answers, later = on_app(migrated_url, ask, **PLENTY)
    assert answers == {"queued"}
    assert later == ["queued"]


def test_nobody_is_forgotten(migrated_url):
    """Waves of any size, each as soon as the one before is answered."""

    async def ask(lab):
        found, numbers = Counter(), iter(range(1_000))

        async def wave(size: int) -> None:
            many = [signed(next(numbers)) for _ in range(size)]
            found.update(await take(lab, *many))

        for size in (1, 7, 8, 9, 1, 40, 3):
            await asyncio.gather(wave(size), wave(1), wave(size))
        return found, await effects(lab)

    found, left = on_app(migrated_url, ask, **PLENTY)
    assert found == {"queued": 145}
    assert left == (145, 145)
