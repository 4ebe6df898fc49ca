"""Whether this code may serve a database (MG11)."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.databases import migrate, sql
from tests.support.older import change, make_older

from sentinel_netlab.store.engine import make_engine, reading
from sentinel_netlab.store.schema_state import (
    SCHEMA_CODE,
    History,
    full_state,
    our_history,
    quick_state,
)

NEWER = "UPDATE alembic_version SET version_num = 'ffffffffffff'"
ADMITS = "UPDATE schema_compat SET min_compatible_code = {}"


def look(url, how=full_state, history=None):
    async def run():
        engine = make_engine(url)
        try:
            async with reading(engine).connect() as c:
                return await how(c, history)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def test_head_is_ready(migrated_url):
    """Nothing differs."""
    state = look(migrated_url)

    assert state.ready
    assert state.revision == our_history().head
    assert state.not_ours == ()


@pytest.mark.parametrize(
    ("statements", "code", "title"),
    [
        (["DROP TABLE alembic_version"], "schema_unversioned", "Schema Unversioned"),
        (["DELETE FROM alembic_version"], "schema_unversioned", "Schema Unversioned"),
        (
            ["UPDATE alembic_version SET version_num = '4085bd1d44e4'"],
            "schema_behind",
            "Schema Behind",
        ),
        ([NEWER, ADMITS.format(SCHEMA_CODE + 1)], "schema_ahead", "Schema Ahead"),
        ([NEWER, "DELETE FROM schema_compat"], "schema_ahead", "Schema Ahead"),
        ([NEWER, "DROP TABLE schema_compat"], "schema_ahead", "Schema Ahead"),
        (
            ["INSERT INTO alembic_version VALUES ('4085bd1d44e4')"],
            "schema_behind",
            "Schema Behind",
        ),
        (["DROP TABLE telemetry"], "schema_drift", "Schema Drift"),
        (["ALTER TABLE alerts DROP COLUMN note"], "schema_drift", "Schema Drift"),
    ],
    ids=lambda value: None if isinstance(value, list) else value,
)
def test_what_is_not_ready(migrated_url, statements, code, title):
    """Each has a code for machines and a title for people."""
    change(migrated_url, *statements)

    state = look(migrated_url)

    assert (state.ready, state.code, state.title) == (False, code, title)
    assert state.details


def test_newer_schema_may_admit_this_code(migrated_url):
    """Then a rolling upgrade can migrate first."""
    change(migrated_url, NEWER, ADMITS.format(SCHEMA_CODE))

    assert look(migrated_url).ready


def test_quick_look_sees_no_column(migrated_url):
    """Revision and the critical tables only."""
    change(migrated_url, "ALTER TABLE alerts DROP COLUMN note")
    assert look(migrated_url, quick_state).ready

    change(migrated_url, "DROP TABLE telemetry")
    state = look(migrated_url, quick_state)
    assert state.details == ("table telemetry is missing",)


def test_stamped_lie_is_seen(database_url):
    """`alembic stamp head` makes no schema."""
    make_older(database_url, "baseline", revision=our_history().head)

    assert look(database_url).code == "schema_drift"


def test_older_code_on_a_newer_schema(database_url):
    """Code that knows the first revision only is told that the database is ahead."""
    migrate(database_url)
    old = History(head="4085bd1d44e4", known=frozenset({"4085bd1d44e4"}))

    assert look(database_url, history=old).ready
    change(database_url, ADMITS.format(2))
    assert look(database_url, history=old).code == "schema_ahead"


@pytest.mark.parametrize("database_kind", ["postgresql16"])
def test_database_of_strangers_is_told_as_it_is(database_url):
    """Tables of others, and none of ours."""
    sql(database_url, "CREATE TABLE theirs (x int)")

    assert look(database_url).code == "schema_unversioned"
