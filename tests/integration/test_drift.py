"""
Every kind of drift, on SQLite and PostgreSQL: of our schema, and of a small one that
has the kinds of objects that ours has not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.support import drifts, lab_schema
from tests.support.databases import KINDS, empty_database, migrated_database
from tests.support.lab_schema import HISTORY, Drift, make_schema

from sentinel_netlab.store.engine import make_engine
from sentinel_netlab.store.fingerprint import read_fingerprint
from sentinel_netlab.store.schema_state import SchemaState, full_state, our_history


def cases(module):
    """Kind of database and drift, for each that *module* knows."""
    return [
        pytest.param(kind, drift, id=f"{kind}-{drift.kind}")
        for kind in KINDS
        for drift in (module.SQLITE if kind == "sqlite" else module.POSTGRESQL)
    ]


@pytest.fixture(scope="module")
def urls(tmp_path_factory) -> Iterator[dict[str, str]]:
    """A database at head and an empty one of each kind; tests roll back."""
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("drift")
        found = {}
        for kind in KINDS:
            found[kind] = stack.enter_context(migrated_database(kind, folder))
            found[f"lab {kind}"] = stack.enter_context(empty_database(kind, folder))
        yield found


def look(url: str, drift: Drift | None) -> SchemaState:
    """What is said of our schema with *drift*."""

    async def run(connection):
        if drift is not None:
            await connection.run_sync(drift.apply)
        return await full_state(connection)

    return rolled_back(url, run)


def look_at_lab(url: str, drift: Drift | None) -> SchemaState:
    """What is said of the small schema with *drift*."""

    async def run(connection):
        await connection.run_sync(make_schema)
        golden = await connection.run_sync(read_fingerprint)
        if drift is not None:
            await connection.run_sync(drift.apply)
        return await full_state(connection, HISTORY, golden)

    return rolled_back(url, run)


def rolled_back(url, action):
    async def run():
        engine = make_engine(url)
        try:
            async with engine.connect() as connection:
                if connection.dialect.name == "sqlite":
                    # tables are made anew here
                    await connection.exec_driver_sql("ROLLBACK")
                    await connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
                    await connection.exec_driver_sql("BEGIN IMMEDIATE")
                found = await action(connection)
                await connection.rollback()
                return found
        finally:
            await engine.dispose()

    return asyncio.run(run())


def assert_told(state: SchemaState, drift: Drift) -> None:
    assert state.ready is not drift.ours
    assert state.code == ("schema_drift" if drift.ours else None)
    told = state.details if drift.ours else state.not_ours
    assert any(drift.told in sentence for sentence in told), told


@pytest.mark.parametrize("kind", KINDS)
def test_schema_as_made_is_ready(urls, kind):
    """Without drift there is nothing to tell."""
    head = our_history().head

    assert look(urls[kind], None) == SchemaState(ready=True, revision=head, not_ours=())
    assert look_at_lab(urls[f"lab {kind}"], None) == SchemaState(
        ready=True, revision="head", not_ours=()
    )


@pytest.mark.parametrize(("kind", "drift"), cases(drifts))
def test_drift_of_our_schema_is_seen(urls, kind, drift):
    """What is ours stops the service, what is not ours is listed; both are told."""
    assert_told(look(urls[kind], drift), drift)


@pytest.mark.parametrize(("kind", "drift"), cases(lab_schema))
def test_drift_of_other_kinds_is_seen(urls, kind, drift):
    """Checks, enums, predicates: objects that a later revision may bring."""
    assert_told(look_at_lab(urls[f"lab {kind}"], drift), drift)
