"""Connections that are safe on both databases."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from sentinel_netlab.store.engine import make_engine, reading


def ask(url, action):
    async def run():
        engine = make_engine(url, application_name="of the test")
        try:
            return await action(engine)
        finally:
            await engine.dispose()

    return asyncio.run(run())


async def scalar(engine, text):
    async with engine.connect() as c:
        return (await c.execute(sa.text(text))).scalar_one()


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2),
                          ("foreign_keys", 1)],
)  # fmt: skip
def test_sqlite_is_prepared(database_url, pragma, value):
    """Write-ahead log, every commit on the disk, foreign keys."""
    assert ask(database_url, lambda e: scalar(e, f"PRAGMA {pragma}")) == value


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_writer_does_not_wait_for_readers(database_url):
    """Who only reads begins without the write lock."""

    async def both(engine):
        async with reading(engine).connect() as c:
            await c.execute(sa.text("SELECT 1 FROM sqlite_master"))
            async with engine.begin() as writer:
                await writer.execute(sa.text("CREATE TABLE t (x INTEGER)"))
            return "written"

    assert ask(database_url, both) == "written"


@pytest.mark.parametrize("database_kind", ["postgresql16", "postgresql18"])
def test_postgresql_knows_us_and_speaks_utc(database_url):
    """The name is shown beside the connection."""
    name = ask(database_url, lambda e: scalar(e, "SHOW application_name"))
    zone = ask(database_url, lambda e: scalar(e, "SHOW timezone"))

    assert (name, zone) == ("of the test", "UTC")


def test_other_databases_are_refused():
    """The text is not quoted."""
    with pytest.raises(ValueError, match="should begin with") as error:
        make_engine("mysql://u:secret@h/d")

    assert "secret" not in str(error.value)
