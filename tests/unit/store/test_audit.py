"""The audit log: one chain, in which nothing can be touched unnoticed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from tests.support.batches import NOW, in_transaction, on_engine
from tests.support.tampering import unlock

from sentinel_netlab.store.audit import record, verify, verify_rows
from sentinel_netlab.store.audit_chain import Head
from sentinel_netlab.store.tables import audit_head, audit_log


async def tell(c, number: int = 1, **values) -> Head:
    """One row about token *number*."""
    plain = {
        "event_type": "token",
        "actor": "cli:ann",
        "action": "create",
        "resource": f"token-{number}",
        "details": {"role": "viewer", "days": number, "scale": 0.5, "sites": ["a"]},
        "ip_address": "2001:db8::1",
    }
    now = NOW + timedelta(microseconds=number)
    return await record(c, now=now, **(plain | values))


async def tell_all(c, count: int = 5) -> Head:
    """*count* rows."""
    for number in range(1, count + 1):
        head = await tell(c, number)
    return head


def test_rows_read_back_give_the_same_hashes(migrated_url):
    """What both databases do to times, numbers and JSON changes no hash."""

    async def run(engine):
        async with engine.begin() as c:
            head = await tell_all(c)
        return head, await verify(engine)

    head, verdict = on_engine(migrated_url, run)

    assert verdict.fault is None
    assert verdict.head == head
    assert head.position == 5


def test_hostile_texts_are_kept_in_the_chain(migrated_url):
    """NUL, lone surrogates, long texts, and numbers beyond a double."""
    odd = {"a\0": "\0b\ud800", "n": 2**70, "x": 1e300, "none": None, "z": {"ä": []}}

    async def run(engine):
        async with engine.begin() as c:
            await tell(c, actor="\0" * 100, resource="ä" * 300, details=odd)
            [row] = (await c.execute(sa.select(audit_log))).all()
        return row, await verify(engine)

    row, verdict = on_engine(migrated_url, run)

    assert verdict.fault is None
    assert (len(row.actor), len(row.resource)) == (64, 256)
    assert row.details["a\\x00"] == "\\x00b\\ud800"


def test_details_that_are_no_json_are_refused(migrated_url):
    """Before anything is written."""

    async def run(c):
        with pytest.raises(TypeError):
            await tell(c, details={"what": object()})
        return await c.scalar(sa.select(sa.func.count()).select_from(audit_log))

    assert in_transaction(migrated_url, run) == 0


def test_writers_at_the_same_time_make_one_chain(migrated_url):
    """Eight transactions, one order."""

    async def one(engine, number: int) -> None:
        async with engine.begin() as c:
            await tell(c, number)

    async def run(engine):
        await asyncio.gather(*(one(engine, number) for number in range(8)))
        return await verify(engine)

    verdict = on_engine(migrated_url, run)

    assert verdict.fault is None
    assert verdict.head.position == 8


def test_row_of_a_transaction_that_fails_is_not_in_the_chain(migrated_url):
    """The next one takes its position."""

    async def run(engine):
        async with engine.connect() as c:
            await tell(c, 1)
            await c.rollback()
        async with engine.begin() as c:
            await tell(c, 2)
        return await verify(engine)

    verdict = on_engine(migrated_url, run)

    assert verdict.fault is None
    assert verdict.head.position == 1


def test_empty_log_is_whole(migrated_url):
    """Nothing written, nothing wrong."""
    verdict = on_engine(migrated_url, verify)

    assert (verdict.head, verdict.fault, verdict.adopted_rows) == (Head(), None, 0)


THIRD = audit_log.c.position == 3
REFUSED = {
    "update": sa.update(audit_log).where(THIRD).values(actor="eve"),
    "delete": sa.delete(audit_log).where(THIRD),
    "delete all": sa.delete(audit_log),
    "hide": sa.update(audit_log).where(THIRD).values(position=None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_database_refuses_to_touch_the_chain(name, migrated_url):
    """Even to who owns the table, as long as the triggers are there."""

    async def run(engine):
        async with engine.begin() as c:
            await tell_all(c)
        with pytest.raises(DBAPIError, match="stay as they are"):
            async with engine.begin() as c:
                await c.execute(REFUSED[name])
        return await verify(engine)

    assert on_engine(migrated_url, run).fault is None


TAMPERINGS = {
    "actor": (sa.update(audit_log).where(THIRD).values(actor="eve"), 3, "changed"),
    "time": (sa.update(audit_log).where(THIRD).values(timestamp=NOW), 3, "changed"),
    "details": (sa.update(audit_log).where(THIRD).values(details=None), 3, "changed"),
    "hash": (sa.update(audit_log).where(THIRD).values(hash="0" * 64), 3, "changed"),
    "no hash": (sa.update(audit_log).where(THIRD).values(hash=None), 3, "changed"),
    "previous": (
        sa.update(audit_log).where(THIRD).values(previous_hash="0" * 64),
        3,
        "before it",
    ),
    "id": (sa.update(audit_log).where(THIRD).values(id=-3), 3, "changed"),
    "deleted": (sa.delete(audit_log).where(THIRD), 3, "missing"),
    "first": (sa.delete(audit_log).where(audit_log.c.position == 1), 1, "missing"),
    "tail": (sa.delete(audit_log).where(audit_log.c.position > 3), 4, "missing"),
    "all": (sa.delete(audit_log), 1, "missing"),
    "hidden": (sa.update(audit_log).where(THIRD).values(position=None), 3, "missing"),
    "head": (sa.update(audit_head).values(hash="1" * 64), 5, "kept head"),
    "head's place": (sa.update(audit_head).values(position=4), 5, "kept head"),
    "no head": (sa.delete(audit_head), None, "kept head"),
    "stranger": (
        sa.insert(audit_log).values(id=99, event_type="token", timestamp=NOW),
        None,
        "outside",
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found_at_its_row(name, migrated_url):
    """The first bad row is named."""
    statement, position, words = TAMPERINGS[name]

    async def run(c):
        await tell_all(c)
        await unlock(c)
        await c.execute(statement)
        return await verify_rows(c)

    fault = in_transaction(migrated_url, run).fault

    assert fault.position == position
    assert words in fault.why


def test_adopted_rows_stand_before_the_chain(migrated_url):
    """They are counted; nothing vouches for them."""

    async def run(c):
        old = sa.insert(audit_log).values(event_type="login", timestamp=NOW)
        await c.execute(old)
        await tell_all(c)
        return await verify_rows(c)

    verdict = in_transaction(migrated_url, run)

    assert verdict.fault is None
    assert (verdict.adopted_rows, verdict.head.position) == (1, 5)


async def cut_tail_and_head(c) -> None:
    """What a chain and a head beside it cannot show."""
    await unlock(c)
    await c.execute(sa.delete(audit_log).where(audit_log.c.position > 3))
    last = sa.select(audit_log.c.hash).where(audit_log.c.position == 3)
    await c.execute(
        sa.update(audit_head).values(position=3, hash=last.scalar_subquery())
    )


def test_cut_tail_with_its_head_is_found_by_an_anchor_only(migrated_url):
    """Both tables forged: only a head kept elsewhere tells."""

    async def run(c):
        anchor = await tell_all(c)
        await cut_tail_and_head(c)
        return await verify_rows(c), await verify_rows(c, anchor)

    alone, anchored = in_transaction(migrated_url, run)

    assert alone.fault is None
    assert (anchored.fault.position, anchored.fault.why) == (4, "the row is missing")


def test_chain_written_anew_is_found_by_an_anchor_only(migrated_url):
    """Every hash is right, and it is another chain."""

    async def run(c):
        anchor = await tell_all(c)
        await unlock(c)
        await c.execute(sa.delete(audit_log))
        await c.execute(sa.delete(audit_head))
        for number in range(1, 8):
            await tell(c, number, actor="eve")
        return await verify_rows(c), await verify_rows(c, anchor)

    alone, anchored = in_transaction(migrated_url, run)

    assert alone.fault is None
    assert (anchored.fault.position, "anew" in anchored.fault.why) == (5, True)
