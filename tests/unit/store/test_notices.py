"""The outbox."""

from __future__ import annotations

from datetime import timedelta

from tests.support.batches import NOW, in_transaction, rows

from sentinel_netlab.store.notices import (
    MAX_ATTEMPTS,
    NewNotice,
    claim_notices,
    mark_failed,
    mark_sent,
    post,
)
from sentinel_netlab.store.tables import notices


def at(seconds: float):
    """A time of the test."""
    return NOW + timedelta(seconds=seconds)


async def tell(c, *topics: str, when=NOW) -> None:
    """A notice for each of *topics*."""
    new = [NewNotice(topic, {"n": number}) for number, topic in enumerate(topics)]
    await post(c, ["webhook"], new, when)


async def claim(c, now, quiet_s=60.0, channel="webhook"):
    """What is due then."""
    return await claim_notices(c, channel, quiet_s=quiet_s, lease_s=30, now=now)


def topics_of(claimed) -> list[str]:
    """Topics, in order."""
    return [one.topic for one in claimed]


def test_topic_is_spoken_of_once_a_minute(migrated_url):
    """What comes meanwhile is one digest after it."""

    async def run(c):
        await tell(c, "a")
        first = await claim(c, NOW)
        await mark_sent(c, first, NOW)
        await tell(c, "a", "a", when=at(1))
        early = await claim(c, at(59))
        digest = await claim(c, at(60))
        return [topics_of(one) for one in (first, early, digest)]

    assert in_transaction(migrated_url, run) == [["a"], [], ["a", "a"]]


def test_topics_do_not_wait_for_each_other(migrated_url):
    """One message each."""

    async def run(c):
        await tell(c, "a", "b", "a")
        return [topics_of(await claim(c, NOW)) for _ in range(3)]

    assert in_transaction(migrated_url, run) == [["a", "a"], ["b"], []]


def test_leased_topic_belongs_to_one_worker(migrated_url):
    """New notices of it wait, until the lease ends or it was said."""

    async def run(c):
        await tell(c, "a")
        await claim(c, NOW)
        await tell(c, "a", when=at(1))
        while_leased = await claim(c, at(30))
        after_death = await claim(c, at(61))
        return [topics_of(while_leased), topics_of(after_death)]

    assert in_transaction(migrated_url, run) == [[], ["a", "a"]]


def test_without_quiet_all_is_due(migrated_url):
    """Syslog, files: every notice."""

    async def run(c):
        await tell(c, "a", "a", "b")
        return topics_of(await claim(c, NOW, quiet_s=0))

    assert in_transaction(migrated_url, run) == ["a", "a", "b"]


def test_failure_waits_longer_each_time(migrated_url):
    """And ends some day."""

    async def run(c):
        await tell(c, "a")
        now, pauses = NOW, []
        while claimed := await claim(c, now):
            await mark_failed(c, claimed, "no\0answer", now)
            [row] = await rows(c, notices)
            pauses.append((row["next_attempt_at"] - now).total_seconds())
            now = row["next_attempt_at"]
        return pauses, row["error_msg"]

    pauses, error = in_transaction(migrated_url, run)

    assert pauses[:3] == [2, 4, 8]
    assert len(pauses) == MAX_ATTEMPTS
    assert max(pauses) == 3_600
    assert error == "noanswer"


def test_refused_for_ever_is_not_tried_again(migrated_url):
    """The content will be the same."""

    async def run(c):
        await tell(c, "a")
        await mark_failed(c, await claim(c, NOW), "422", NOW, permanent=True)
        return await claim(c, at(86_400))

    assert in_transaction(migrated_url, run) == []


def test_channels_are_apart(migrated_url):
    """What one said, the other has still to say."""

    async def run(c):
        await post(c, ["webhook", "log"], [NewNotice("a", {})], NOW)
        await mark_sent(c, await claim(c, NOW), NOW)
        return topics_of(await claim(c, NOW, channel="log"))

    assert in_transaction(migrated_url, run) == ["a"]
