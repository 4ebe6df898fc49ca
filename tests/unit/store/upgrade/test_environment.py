"""What raw Alembic is told, and what happens where a table is in use."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from tests.support.databases import ROOT, empty_database, migrate, sync_engine
from tests.support.older import make_older

from sentinel_netlab.store.migrations.older import BASELINE
from sentinel_netlab.store.settings import parse_url
from sentinel_netlab.store.upgrade.environment import PLAN, TRIES
from sentinel_netlab.store.upgrade.errors import LockBusyError
from sentinel_netlab.store.upgrade.lock import migration_lock
from sentinel_netlab.store.upgrade.plan import Plan

USED = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "LOCK TABLE alerts IN ACCESS SHARE MODE",
}


def upgrade(plan):
    config = Config(ROOT / "alembic.ini")
    config.attributes[PLAN] = plan
    command.upgrade(config, "head")


@pytest.fixture
def older_url(database_kind, tmp_path):
    with empty_database(database_kind, tmp_path) as url:
        make_older(url, "baseline", revision=BASELINE)
        yield url


def use(url):
    """A connection that somebody has a table open by."""
    connection = sync_engine(url).connect()
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.isolation_level = None
    connection.exec_driver_sql(USED[connection.dialect.name])
    return connection


def test_table_in_use_is_tried_again(older_url):
    """Statements give up soon, so that others can go on; the next try works."""
    other = use(older_url)
    said = []
    plan = Plan(
        parse_url(older_url),
        lock_timeout_s=0.2,
        sleep=lambda _seconds: other.close(),
        say=said.append,
    )

    upgrade(plan)

    assert said == ["a table is in use: trying again"]


def test_table_that_stays_in_use_is_told(older_url):
    """After the last try it is busy (75), and nothing was changed."""
    other = use(older_url)
    slept = []
    plan = Plan(parse_url(older_url), lock_timeout_s=0.05, sleep=slept.append)

    with pytest.raises(LockBusyError):
        upgrade(plan)

    other.close()
    assert len(slept) == TRIES - 1
    with sync_engine(older_url).connect() as c:
        assert not sa.inspect(c).has_table("sites")


def raw(monkeypatch, url, *words):
    """What a command of Alembic prints."""
    monkeypatch.setenv("DATABASE_URL", url)
    out = io.StringIO()
    getattr(command, words[0])(Config(ROOT / "alembic.ini", stdout=out), *words[1:])
    return out.getvalue()


def test_raw_alembic_waits_for_the_lock_too(database_url, monkeypatch, capsys):
    """It ends with 75 where the lock is not given in time."""
    monkeypatch.setenv("SENTINEL_LOCK_WAIT_S", "0")
    with (
        migration_lock(Plan(parse_url(database_url))),
        pytest.raises(SystemExit) as stopped,
    ):
        raw(monkeypatch, database_url, "upgrade", "head")

    assert stopped.value.code == 75
    assert "another migration did not end" in capsys.readouterr().err


def test_current_asks_for_no_lock(database_url, monkeypatch):
    """Who only looks does not wait."""
    migrate(database_url)
    with migration_lock(Plan(parse_url(database_url))):
        said = raw(monkeypatch, database_url, "current")

    assert "(head)" in said


def test_text_alone_cannot_be_made(monkeypatch, tmp_path):
    """The checks need the database: ``--sql`` is refused."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/x.db")
    with pytest.raises(SystemExit, match="--sql"):
        command.upgrade(Config(ROOT / "alembic.ini"), "head", sql=True)


def test_settings_are_read_as_everywhere(monkeypatch, capsys):
    """A missing database exits with 78."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(SystemExit) as stopped:
        command.upgrade(Config(ROOT / "alembic.ini"), "head")

    assert stopped.value.code == 78
    assert "DATABASE_URL" in capsys.readouterr().err
