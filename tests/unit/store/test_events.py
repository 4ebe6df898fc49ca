"""The outbox of changes: nothing is skipped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support.batches import NOW, in_transaction, on_engine

from sentinel_netlab.store.events import (
    Position,
    emit,
    newest,
    purge_events,
    read_since,
)


async def tell(c, name: str) -> None:
    """One event."""
    await emit(c, "alert", name, {"change": name}, NOW)


@pytest.mark.optional
def test_late_commit_is_not_skipped(migrated_url):
    """A transaction that began first and commits last is read in its place."""

    async def run(engine):
        if engine.dialect.name == "sqlite":
            pytest.skip("one writer at a time: nothing commits out of order")
        seen, after = [], Position()
        async with engine.connect() as slow, engine.connect() as reader:
            await tell(slow, "slow")
            async with engine.begin() as fast:
                await tell(fast, "fast")
            for end in (None, slow.commit):
                if end is not None:
                    await end()
                found = await read_since(reader, after)
                seen.append([one.subject_id for one in found])
                after = found[-1].position if found else after
                await reader.rollback()
        return seen

    assert on_engine(migrated_url, run) == [[], ["slow", "fast"]]


def test_reader_goes_on_where_it_was(migrated_url):
    """Each position once, in order, in pages."""

    async def run(engine):
        for name in "abc":
            async with engine.begin() as c:
                await tell(c, name)
        names, after = "", Position()
        async with engine.connect() as c:
            while found := await read_since(c, after, limit=1):
                names += found[0].subject_id
                after = found[0].position
            return names, after, await newest(c)

    names, after, last = on_engine(migrated_url, run)

    assert names == "abc"
    assert after == last


def test_event_tells_what_was_told(migrated_url):
    """Kind, subject, payload, time."""

    async def run(engine):
        async with engine.begin() as c:
            await tell(c, "a")
        async with engine.connect() as c:
            return await read_since(c, Position())

    [event] = on_engine(migrated_url, run)

    assert (event.kind, event.subject_id) == ("alert", "a")
    assert (event.payload, event.created_at) == ({"change": "a"}, NOW)


def test_purge_keeps_the_newest(migrated_url):
    """SQLite would give its number again, and readers would miss what comes."""

    async def run(c):
        for name in "abc":
            await tell(c, name)
        return await purge_events(c, NOW + timedelta(days=8), 100)

    assert in_transaction(migrated_url, run) == 2


def test_position_is_text_and_back():
    """As on the wire."""
    assert Position.parse(str(Position(12, 34))) == Position(12, 34)


@pytest.mark.parametrize(
    "text", ["", "1", "1-", "-1", "1-x", "\u0661-1", "1" * 19 + "-1"]
)
def test_other_texts_are_no_position(text):
    """Last-Event-ID is whatever a client sends."""
    with pytest.raises(ValueError, match="not the id"):
        Position.parse(text)
