"""Turns of workers."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.batches import on_engine

from sentinel_netlab.store.locks import take_turn, try_turn


@pytest.mark.optional
def test_turn_is_one_transactions(migrated_url):
    """Another does not get it, gets another, and gets it after the end."""

    async def run(engine):
        if engine.dialect.name == "sqlite":
            pytest.skip("one writer at a time: nothing to lock")
        async with engine.connect() as one, engine.connect() as other:
            await take_turn(one, "site:hq")
            got = [await try_turn(other, name) for name in ("site:hq", "site:lab")]
            waiting = asyncio.create_task(take_turn(other, "site:hq"))
            await one.rollback()
            await asyncio.wait_for(waiting, 5)
            return got

    assert on_engine(migrated_url, run) == [False, True]


def test_turn_is_free_where_writers_wait_anyway(migrated_url):
    """Both calls work on both databases."""

    async def run(engine):
        async with engine.begin() as c:
            await take_turn(c, "a")
            return await try_turn(c, "a")

    assert on_engine(migrated_url, run)
