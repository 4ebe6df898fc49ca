"""From the outbox to the channels."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.batches import NOW, on_engine, rows
from tests.support.benches import Clock, Ear, bench, counted, dead_ear, log_of

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.notify import NotifyError
from sentinel_netlab.store.notices import MAX_ATTEMPTS, NewNotice, post
from sentinel_netlab.store.tables import notices
from sentinel_netlab.worker.delivery import deliver_once


def told(url: str, ear: Ear, *steps):
    """
    What *steps* do with one channel, and the outbox after them.

    A step is a text, the topics to post; a number, the seconds to wait; or None:
    deliver until nothing is due.
    """

    async def run(engine):
        clock = Clock()
        tools = bench(engine, ear, clock=clock)
        for step in steps:
            if isinstance(step, str):
                new = [NewNotice(topic, {"n": n}) for n, topic in enumerate(step)]
                async with engine.begin() as c:
                    await post(c, [ear.name], new, clock())
            elif step is None:
                while await deliver_once(tools, ear):
                    pass
            else:
                clock.move(step)
        async with engine.connect() as c:
            return tools, await rows(c, notices, "id")

    return on_engine(url, run)


def test_every_notice_is_a_message(migrated_url):
    """Where nobody asked for quiet; in their order, once."""
    ear = Ear()
    tools, outbox = told(migrated_url, ear, "aba", None, None)

    assert [(one.topic, one.notices) for one in ear.heard] == [
        ("a", ({"n": 0},)),
        ("b", ({"n": 1},)),
        ("a", ({"n": 2},)),
    ]
    assert all(row["sent_at"] == NOW for row in outbox)
    assert counted(tools, "notices_total", channel="ear", result="sent") == 3


def test_one_message_for_a_topic_and_minute(migrated_url):
    """The first at once; what follows within the minute is one digest after it."""
    ear = Ear(quiet_s=60)
    steps = ["a", None, 20, "aa", None, 20, "a", None, 19, None]
    told(migrated_url, ear, *steps, 1, None, "a", None, 60, None)

    assert [len(one.notices) for one in ear.heard] == [1, 3, 1]


def test_failure_is_tried_again(migrated_url):
    """Later, by the same id, until somebody hears it."""
    ear = dead_ear()
    ids = []

    async def refuse(message):
        ids.append(message.id)
        if len(ids) < 3:
            raise NotifyError("nobody answers")

    ear.send = refuse
    tools, [row] = told(migrated_url, ear, "a", None, 1, None, 1, None, 4, None)

    assert len(ids) == 3
    assert len(set(ids)) == 1
    assert row["sent_at"] is not None
    assert log_of(tools) == ["Notice Failed"] * 2
    assert counted(tools, "notices_total", channel="dead", result="failed") == 2


def test_digest_that_grew_has_another_id(migrated_url):
    """A receiver that drops what it knows must not drop what is new in it."""
    ear = Ear(quiet_s=60)
    ids = []

    async def refuse(message):
        ids.append(message.id)
        raise NotifyError("nobody answers")

    ear.send = refuse
    told(migrated_url, ear, "a", None, "a", 2, None)

    assert len(set(ids)) == 2


def test_dead_channel_loses_nothing(migrated_url):
    """What waits behind a failure is not tried, and no attempt of it is counted."""
    ear = dead_ear()
    tried = [step for _ in range(3) for step in (None, 4_000)]
    _, outbox = told(migrated_url, ear, "abc", *tried)

    assert [row["attempts"] for row in outbox] == [3, 0, 0]
    assert all(row["lease_until"] is None for row in outbox)


def test_refused_content_does_not_hold_up_the_rest(migrated_url):
    """It will be refused for ever; the next is said."""
    ear = Ear()
    say = ear.send

    async def refuse(message):
        if message.topic == "a":
            raise NotifyError("answered 422", permanent=True)
        await say(message)

    ear.send = refuse
    _, outbox = told(migrated_url, ear, "ab", None)

    assert [one.topic for one in ear.heard] == ["b"]
    assert outbox[0]["attempts"] == MAX_ATTEMPTS


@pytest.mark.parametrize("error", [RuntimeError("a bug"), TimeoutError()])
def test_bug_of_a_channel_is_its_failure(migrated_url, error):
    """It is logged and tried again, and ends no worker."""
    ear = dead_ear()
    ear.error = error
    tools, [row] = told(migrated_url, ear, "a", None)

    assert row["error_msg"].startswith(type(error).__name__)
    assert log_of(tools) == ["Notice Failed"]


def test_channel_that_hangs_has_failed(migrated_url, monkeypatch):
    """Its time is bounded."""
    import sentinel_netlab.worker.delivery as module

    monkeypatch.setattr(module, "TIMEOUT_S", 0.01)
    ear = dead_ear()

    async def hang(_message):
        await asyncio.Event().wait()

    ear.send = hang
    _, [row] = told(migrated_url, ear, "a", None)

    assert row["error_msg"].startswith("TimeoutError")
    assert ear.least_severity is Severity.INFO
