"""How the database is looked at: from a thread that may hang."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.support.app import Clock
from tests.support.databases import migrate, sync_engine

from sentinel_netlab.controller import probe as module
from sentinel_netlab.controller.lifecycle import Lifecycle
from sentinel_netlab.controller.logs import make_logger
from sentinel_netlab.controller.metrics import Metrics
from sentinel_netlab.controller.probe import (
    DatabaseProbe,
    Headroom,
    OwnThread,
    finding_of,
)
from sentinel_netlab.controller.readiness import (
    DISK_FULL,
    READY,
    UNREACHABLE,
    Finding,
    Pace,
    Readiness,
    Verdict,
)
from sentinel_netlab.store.engine import make_engine
from sentinel_netlab.store.schema_state import SchemaState

NO_DISK = Headroom((), 0)
GOOD = SchemaState(ready=True, revision="head")
NOBODY = "postgresql://nobody:none@database.invalid/x"


def look(url: str, headroom: Headroom = NO_DISK, *, full: bool = False) -> Finding:
    """What one look at *url* finds."""

    async def run():
        probe = DatabaseProbe(lambda: make_engine(url), headroom)
        probe.start()
        try:
            return await (probe.full() if full else probe.quick())
        finally:
            await probe.stop()

    return asyncio.run(run())


@pytest.fixture
def sees(monkeypatch):
    """Let the store find what the test says."""

    def _let(state: SchemaState) -> None:
        async def found(connection):
            return state

        monkeypatch.setattr(module, "quick_state", found)
        monkeypatch.setattr(module, "full_state", found)

    return _let


@pytest.fixture
def file_url(tmp_path):
    """A SQLite database without anything in it."""
    return f"sqlite:///{tmp_path / 'a.db'}"


@pytest.mark.parametrize("full", [False, True])
def test_a_good_schema(sees, file_url, full):
    """Both looks ask the store."""
    sees(GOOD)

    assert look(file_url, full=full) == Finding(READY, "head")


def test_an_empty_database(file_url):
    """It answers, and has no version."""
    found = look(file_url)

    assert found.verdict == Verdict("schema_unversioned", "Schema Unversioned")


def test_looking_needs_no_write_lock(sees, file_url):
    """A worker that writes for long does not end readiness."""
    sees(GOOD)

    async def run():
        engine = make_engine(file_url)
        probe = DatabaseProbe(lambda: make_engine(file_url), NO_DISK)
        probe.start()
        async with engine.begin():  # BEGIN IMMEDIATE
            found = await asyncio.wait_for(probe.quick(), 10)
        await probe.stop()
        await engine.dispose()
        return found

    assert asyncio.run(run()).verdict == READY


def changed(url: str, statement: str) -> None:
    """Change the schema behind our back."""
    engine = sync_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


class TestSchema:
    @pytest.mark.parametrize("full", [False, True])
    def test_at_head(self, migrated_url, full):
        """Both looks agree that it is ours."""
        found = look(migrated_url, full=full)

        assert found.verdict == READY
        assert found.foreign == (() if full else None)

    def test_a_missing_table_is_seen_at_once(self, migrated_url):
        """By the quick look."""
        changed(migrated_url, "ALTER TABLE alerts RENAME TO elsewhere")

        found = look(migrated_url)
        assert found.verdict == Verdict("schema_drift", "Schema Drift")

    def test_a_missing_column_is_seen_by_the_close_look(self, migrated_url):
        """The quick one has no time for it."""
        changed(migrated_url, "ALTER TABLE sites DROP COLUMN name")

        assert look(migrated_url).verdict == READY
        assert look(migrated_url, full=True).verdict.code == "schema_drift"

    def test_what_is_not_ours_is_no_reason(self, migrated_url):
        """It is told."""
        changed(migrated_url, "CREATE TABLE theirs (x INTEGER)")

        found = look(migrated_url, full=True)
        assert found.verdict == READY
        assert "theirs" in " ".join(found.foreign)

    def test_a_database_that_is_migrated_later(self, database_url):
        """The process waits for it, and looks again."""
        before = look(database_url).verdict
        migrate(database_url)

        assert before.code == "schema_unversioned"
        assert look(database_url, full=True).verdict == READY


class TestDisk:
    def test_full(self, sees, file_url, tmp_path):
        """Where the database has no room, nothing is accepted."""
        sees(GOOD)
        found = look(file_url, Headroom([tmp_path], 1 << 62))

        assert found.verdict == DISK_FULL
        assert str(tmp_path) in found.details[0]

    def test_room(self, sees, file_url, tmp_path):
        """As much as is wanted."""
        sees(GOOD)

        assert look(file_url, Headroom([tmp_path], 1)).verdict == READY

    def test_gone(self, sees, file_url, tmp_path):
        """A folder that cannot be looked at is one without room."""
        sees(GOOD)
        found = look(file_url, Headroom([tmp_path / "gone"], 1))

        assert found.verdict == DISK_FULL

    def test_the_schema_comes_first(self, file_url):
        """The disk is not a reason then."""
        found = look(file_url, Headroom([Path("/")], 1 << 62))

        assert found.verdict.code == "schema_unversioned"


@pytest.mark.parametrize(
    ("state", "finding"),
    [
        (GOOD, Finding(READY, "head")),
        (
            SchemaState(
                ready=False,
                code="schema_behind",
                title="Schema Behind",
                revision="old",
                details=("at old",),
                not_ours=("table x",),
            ),
            Finding(
                Verdict("schema_behind", "Schema Behind"),
                "old",
                ("at old",),
                ("table x",),
            ),
        ),
        (SchemaState(ready=False), Finding(Verdict("schema_drift", "Schema Drift"))),
    ],
)
def test_words_of_the_store(state, finding):
    """As readiness says them."""
    assert finding_of(state) == finding


@pytest.fixture
def no_resolver(monkeypatch):
    """A resolver that does not answer until the test is over."""
    over = threading.Event()

    def hang(*_args, **_options):
        over.wait()
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield
    over.set()


def test_a_name_that_nobody_resolves_hangs_nothing(no_resolver):
    """Readiness answers within its deadline, again and again."""

    async def run():
        probe = DatabaseProbe(lambda: make_engine(NOBODY), NO_DISK)
        log = make_logger("info", Clock().wall, io.BytesIO())
        pace = Pace(deadline_s=0.05, cache_s=0)
        readiness = Readiness(probe, log, Metrics(), Lifecycle(), pace=pace)
        probe.start()
        verdicts = [await readiness.probe() for _ in range(3)]
        await probe.stop()
        return verdicts

    assert asyncio.run(run()) == [UNREACHABLE] * 3


def test_a_thread_that_hangs_is_left(monkeypatch):
    """Stopping gives up waiting."""
    begun, over, thread = threading.Event(), threading.Event(), OwnThread("hangs")

    async def hang():
        begun.set()
        over.wait()

    thread.start()
    asyncio.run_coroutine_threadsafe(hang(), thread._loop)
    begun.wait()
    thread.stop(0.01)
    assert thread._thread.is_alive()

    over.set()
    thread._thread.join()
    thread._loop.close()
