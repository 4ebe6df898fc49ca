"""The stream of changes: nothing skipped, nothing twice, and it ends when it should."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from tests.support.app import StubProbe, on_app, running
from tests.support.batches import NOW, SITE
from tests.support.lists import MANY, put_other_site
from tests.support.people import bearer
from tests.support.streams import listening

from sentinel_netlab.controller import outbox
from sentinel_netlab.controller.api import events
from sentinel_netlab.controller.api.events import EventRoutes
from sentinel_netlab.controller.readiness import UNREACHABLE, Finding
from sentinel_netlab.store.events import emit, purge_events
from sentinel_netlab.store.tables import api_tokens

ROUTES = {"routes": (EventRoutes,), **MANY}


async def _tell(engine, *names, kind="alert", site=SITE):
    async with engine.begin() as c:
        for name in names:
            payload = {"change": "raised", "id": name, "site_id": site}
            await emit(c, kind, name, payload, NOW)


async def _hear(listener, count):
    """Subjects of the next events."""
    return [(await listener.event()).data["id"] for _ in range(count)]


def test_changes_are_heard_as_they_happen(migrated_url):
    """First where the stream begins, then each change with id, kind and contents."""

    async def ask(lab):
        await _tell(lab.engine, "before")
        async with listening(lab.app, await bearer(lab, "viewer")) as listener:
            hello = await listener.next()
            await _tell(lab.engine, "a")
            return listener, hello, await listener.next()

    listener, hello, heard = on_app(migrated_url, ask, **ROUTES)

    assert listener.status == 200
    assert listener.headers["content-type"].startswith("text/event-stream")
    assert (hello.event, hello.data, hello.id is None) == (None, None, False)
    assert (heard.event, heard.data["id"]) == ("alert", "a")
    assert heard.data == {"change": "raised", "id": "a", "site_id": SITE}


def test_who_comes_again_hears_what_they_missed(migrated_url):
    """From another process, which never read those rows before."""

    async def ask(lab):
        headers = await bearer(lab, "viewer")
        async with listening(lab.app, headers) as listener:
            await listener.next()
            await _tell(lab.engine, "a", "b")
            first = await _hear(listener, 1)
        await _tell(lab.engine, "c")
        headers |= {"Last-Event-ID": listener.last_id}
        async with (
            running(migrated_url, **ROUTES) as other,
            listening(other.app, headers) as listener,
        ):
            await _tell(lab.engine, "d")
            return first + await _hear(listener, 3)

    assert on_app(migrated_url, ask, **ROUTES) == ["a", "b", "c", "d"]


def test_a_hello_is_enough_to_come_again(migrated_url):
    """Even if no event was heard before the connection broke."""

    async def ask(lab):
        headers = await bearer(lab, "viewer")
        await _tell(lab.engine, "before")
        async with listening(lab.app, headers) as listener:
            await listener.next()
        await _tell(lab.engine, "a")
        headers |= {"Last-Event-ID": listener.last_id}
        async with listening(lab.app, headers) as listener:
            return await _hear(listener, 1)

    assert on_app(migrated_url, ask, **ROUTES) == ["a"]


def test_what_is_not_kept_any_more_is_told(migrated_url):
    """An event `reset`, then what comes; not a silent gap."""

    async def ask(lab):
        headers = await bearer(lab, "viewer")
        await _tell(lab.engine, "a", "b")
        async with listening(lab.app, {**headers, "Last-Event-ID": "1-1"}) as listener:
            never_was = await listener.event()
        async with listening(lab.app, headers) as listener:
            await listener.next()
            await _tell(lab.engine, "c")
            await listener.event()
        await _tell(lab.engine, "d")
        async with lab.engine.begin() as c:
            await purge_events(c, NOW.replace(year=2027), 100)
        headers |= {"Last-Event-ID": listener.last_id}
        async with listening(lab.app, headers) as listener:
            purged = await listener.event()
            await _tell(lab.engine, "e")
            return never_was.event, purged.event, await _hear(listener, 1)

    assert on_app(migrated_url, ask, **ROUTES) == ("reset", "reset", ["e"])


@pytest.mark.parametrize("database_kind", ["postgresql16", "postgresql18"])
def test_a_late_commit_is_not_skipped(migrated_url):
    """A row with the lower number that is committed later is heard, and heard once."""

    async def ask(lab):
        headers = await bearer(lab, "viewer")
        async with listening(lab.app, headers) as listener:
            await listener.next()
            async with lab.engine.connect() as slow:
                await emit(slow, "alert", "slow", {"id": "slow"}, NOW)
                await _tell(lab.engine, "quick")
                # the outbox looks many times while the first is still open
                await asyncio.sleep(5 * outbox.PERIOD_S)
                await slow.commit()
            heard = await _hear(listener, 2)
        await _tell(lab.engine, "last")
        headers |= {"Last-Event-ID": listener.last_id}
        async with listening(lab.app, headers) as listener:
            return heard + await _hear(listener, 1)

    assert on_app(migrated_url, ask, **ROUTES) == ["slow", "quick", "last"]


def test_kinds_are_chosen(migrated_url):
    """What was not asked for is left out, and its place remembered."""

    async def ask(lab):
        headers = await bearer(lab, "viewer")
        path = "/api/v1/events?kind=sensor&kind=incident"
        async with listening(lab.app, headers, path) as listener:
            await listener.next()
            await _tell(lab.engine, "a")
            await _tell(lab.engine, "i", kind="incident")
            await _tell(lab.engine, "s", kind="sensor")
            return await _hear(listener, 2)

    assert on_app(migrated_url, ask, **ROUTES) == ["i", "s"]


def test_who_is_bound_to_a_site_hears_of_no_other(migrated_url):
    """Nor of what belongs to none."""

    async def ask(lab):
        async with lab.engine.begin() as c:
            await put_other_site(c)
        headers = await bearer(lab, "viewer", SITE)
        async with listening(lab.app, headers) as listener:
            await listener.next()
            await _tell(lab.engine, "other", site="branch")
            await _tell(lab.engine, "none", site=None)
            await _tell(lab.engine, "own")
            return await _hear(listener, 1)

    assert on_app(migrated_url, ask, **ROUTES) == ["own"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_slow_listener_reads_from_the_database(migrated_url, monkeypatch):
    """Who falls behind what is kept at hand misses nothing and sees nothing twice."""
    monkeypatch.setattr(outbox, "AT_ONCE", 3)
    names = [f"n{number}" for number in range(40)]

    async def ask(lab):
        lab.services.outbox._at_hand = 2
        headers = await bearer(lab, "viewer")
        async with listening(lab.app, headers) as first:
            await first.next()
            await _tell(lab.engine, *names)
            heard = await _hear(first, len(names))
            headers |= {"Last-Event-ID": (first.last_id or "")[:-2] + "1"}
            async with listening(lab.app, headers) as second:
                return heard, await _hear(second, len(names) - 1)

    assert on_app(migrated_url, ask, **ROUTES) == (names, names[1:])


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_heartbeat_tells_the_place(migrated_url, monkeypatch):
    """Also the place of what was left out, so that it is not read again."""
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.0)

    async def ask(lab):
        headers = await bearer(lab, "viewer")
        path = "/api/v1/events?kind=sensor"
        async with listening(lab.app, headers, path) as listener:
            hello = await listener.next()
            await _tell(lab.engine, "a")
            while (beat := await listener.next()).id == hello.id:
                pass
            return beat

    beat = on_app(migrated_url, ask, **ROUTES)
    assert (beat.comment, beat.event, beat.id) == ("beat", None, "0-1")


async def _drain(lab):
    lab.services.life.draining.set()


async def _lose(lab):
    lab.services.readiness._probe.finding = Finding(UNREACHABLE)
    lab.clock.advance(60)
    await lab.services.readiness.probe()


async def _revoke(lab):
    async with lab.engine.begin() as c:
        await c.execute(sa.update(api_tokens).values(is_active=False))


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("end", [_drain, _lose, _revoke])
def test_a_stream_ends_when_it_should(migrated_url, monkeypatch, end):
    """The process drains, is not ready, or the token opens nothing any more."""
    monkeypatch.setattr(events, "LOOK_S", 0.01)
    monkeypatch.setattr(events, "CHECK_S", 0.0)

    async def ask(lab):
        async with listening(lab.app, await bearer(lab, "viewer")) as listener:
            await listener.next()
            await end(lab)
            return await listener.event()

    assert on_app(migrated_url, ask, probe=StubProbe(), **ROUTES) is None


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_busy_stream_ends_with_its_token_too(migrated_url, monkeypatch):
    """There is no pause in it, and yet the token is looked at."""
    monkeypatch.setattr(events, "CHECK_S", 0.0)

    async def ask(lab):
        async with listening(lab.app, await bearer(lab, "viewer")) as listener:
            await listener.next()
            await _tell(lab.engine, "a")
            assert await listener.event()
            await _revoke(lab)
            while await listener.event():
                await _tell(lab.engine, "b")
            return True

    assert on_app(migrated_url, ask, **ROUTES)


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("end", [None, _drain])
def test_who_takes_nothing_is_left(migrated_url, monkeypatch, end):
    """After a while, and sooner when the process is to end; nothing is logged of it."""
    monkeypatch.setattr(events, "LOOK_S", 0.01)
    monkeypatch.setattr(events, "DRAIN_S", 0.01)
    if end is None:
        monkeypatch.setattr(events, "SEND_TIMEOUT_S", 0.01)

    async def ask(lab):
        async with listening(lab.app, await bearer(lab, "viewer")) as listener:
            await listener.next()
            listener.stalled = True
            await _tell(lab.engine, "a")
            if end is not None:
                await end(lab)
            await listener.over()
            return lab.logs("Stream Broken")

    assert on_app(migrated_url, ask, **ROUTES) == []


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_failure_breaks_the_stream_and_is_logged(migrated_url, monkeypatch):
    """The answer has no end: who listens knows that it is to come again."""

    async def fails(*_arguments):
        raise OSError("the database is away")

    async def ask(lab):
        async with listening(lab.app, await bearer(lab, "viewer")) as listener:
            await listener.next()
            monkeypatch.setattr(lab.services.outbox, "behind", fails)
            await listener.over()
            return listener.complete, len(lab.logs("Stream Broken"))

    assert on_app(migrated_url, ask, **ROUTES) == (False, 1)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_draining_process_begins_no_stream(migrated_url):
    """It says so, and that it may be tried again."""

    async def ask(lab):
        headers = await bearer(lab, "viewer")
        lab.services.life.draining.set()
        async with listening(lab.app, headers) as listener:
            await listener.next()
            return listener

    listener = on_app(migrated_url, ask, **ROUTES)
    assert (listener.status, listener.problem["code"]) == (503, "draining")
    assert "retry-after" in listener.headers


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_streams_are_counted(migrated_url, monkeypatch):
    """So many of one person, so many in all; a stream that ends makes room."""
    monkeypatch.setattr(outbox, "MAX_STREAMS_OF_ONE", 1)
    monkeypatch.setattr(outbox, "MAX_STREAMS", 2)

    async def ask(lab):
        people = [await bearer(lab, "viewer") for _ in range(3)]
        found = []
        async with listening(lab.app, people[0]), listening(lab.app, people[1]):
            for headers in (people[0], people[2]):
                async with listening(lab.app, headers) as refused:
                    found.append((refused.status, refused.problem["code"]))
        async with listening(lab.app, people[0]) as again:
            return [*found, again.status]

    too_many = (429, "too_many_streams")
    assert on_app(migrated_url, ask, **ROUTES) == [too_many, too_many, 200]


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("text", ["x", "1", "-", "1-x", "9" * 30 + "-1", "1--1"])
def test_what_is_no_event_id_is_refused(migrated_url, text):
    """Before a stream begins."""

    async def ask(lab):
        headers = {**await bearer(lab, "viewer"), "Last-Event-ID": text}
        async with listening(lab.app, headers) as listener:
            await listener.next()
            return listener.status, listener.problem["code"]

    assert on_app(migrated_url, ask, **ROUTES) == (400, "bad_event_id")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_was_asked_is_done_although_the_asker_is_gone(migrated_url):
    """A connection is not cut off in the middle; closing waits for it."""
    begun, done = asyncio.Event(), []

    async def work(c):
        begun.set()
        done.append((await c.execute(sa.select(sa.literal(7)))).scalar())

    async def ask(lab):
        asker = asyncio.create_task(lab.services.outbox.ask(work))
        await begun.wait()
        asker.cancel()
        await lab.services.outbox.close()
        return asker.cancelled(), done

    assert on_app(migrated_url, ask, **ROUTES) == (True, [7])
