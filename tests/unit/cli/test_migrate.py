"""`sentinel migrate`: its lines and exit statuses (MG15)."""

from __future__ import annotations

import pytest
from tests.support.databases import empty_database
from tests.support.older import change
from typer.testing import CliRunner

from sentinel_netlab.cli.app import app
from sentinel_netlab.store.schema_state import our_history
from sentinel_netlab.store.settings import parse_url
from sentinel_netlab.store.upgrade.lock import migration_lock
from sentinel_netlab.store.upgrade.plan import Plan

HEAD = our_history().head


def migrate(*words):
    return CliRunner().invoke(app, ["migrate", *words])


@pytest.fixture
def url(database_kind, tmp_path, monkeypatch):
    with empty_database(database_kind, tmp_path) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield url


def test_first_and_second_run(url):
    """Both end with 0, and the second has nothing to do."""
    first, second = migrate(), migrate()

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output == f"sentinel: migrated from nothing to {HEAD}\n"
    assert second.output == f"sentinel: the database is at {HEAD}: nothing to migrate\n"


def test_differences_are_lines_and_no_error(url):
    """One line for each."""
    migrate()
    change(url, "DROP TABLE evidence", "CREATE TABLE theirs (x INTEGER)")

    done = migrate()

    assert done.exit_code == 0
    assert done.output.splitlines()[1:] == [
        "sentinel: schema drift: table evidence is missing",
        "sentinel: not ours: table theirs is not ours",
    ]


def test_lock_that_is_not_given(url, monkeypatch):
    """75, and who has it."""
    monkeypatch.setenv("SENTINEL_LOCK_WAIT_S", "0")
    with migration_lock(Plan(parse_url(url))):
        done = migrate()

    assert done.exit_code == 75
    assert "waiting for another migration: process" in done.output


def test_only_the_database_is_needed(monkeypatch):
    """No other setting is read; without one it ends with 78."""
    monkeypatch.delenv("DATABASE_URL", raising=False)

    assert migrate().exit_code == 78


def test_lab_has_a_database_of_its_own(tmp_path, monkeypatch):
    """In the folder of its data."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    done = migrate("--lab", "--data", str(tmp_path / "lab"))

    assert done.exit_code == 0
    assert f"to {HEAD}" in done.output
