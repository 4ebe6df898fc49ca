"""`sentinel db`: what it prints, and its exit statuses."""

from __future__ import annotations

import pytest
from tests.support.databases import empty_database, migrated_database
from tests.support.older import change, counts, make_older, query
from typer.testing import CliRunner

from sentinel_netlab.cli.app import app
from sentinel_netlab.store.schema_state import our_history

HEAD = our_history().head


def db(*words):
    return CliRunner().invoke(app, ["db", *words])


@pytest.fixture
def at_head(database_kind, tmp_path, monkeypatch):
    with migrated_database(database_kind, tmp_path) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield url


@pytest.fixture
def empty(tmp_path, monkeypatch):
    with empty_database("sqlite", tmp_path) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield url


def test_status_of_a_database_at_head(at_head):
    """Revision, head, ready: 0."""
    done = db("status")

    assert done.exit_code == 0
    assert done.output.split() == ["revision", HEAD, "head", HEAD, "state", "Ready"]


def test_status_of_a_database_that_is_not(at_head):
    """What is in the way: 1."""
    change(at_head, "DROP TABLE evidence")

    done = db("status")

    assert done.exit_code == 1
    assert "Schema Drift" in done.output
    assert "table evidence is missing" in done.output


def test_check_prints_the_way_back_of_indexes(at_head):
    """Run as it is printed, it leaves no drift; what is not ours is listed."""
    change(
        at_head,
        "DROP INDEX ix_alerts_code",
        "CREATE TABLE theirs (x INTEGER)",
    )
    done = db("check")
    lines = done.output.splitlines()
    made = [line for line in lines if line.startswith("CREATE INDEX")]

    assert done.exit_code == 1
    assert lines[0].startswith("drift: alerts: index ix_alerts_code is missing")
    assert "not ours: table theirs is not ours" in lines
    change(at_head, *(line.replace(" CONCURRENTLY", "") for line in made))
    assert db("check").exit_code == 0


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_check_of_an_unknown_revision(at_head):
    """There is nothing to compare with."""
    change(at_head, "UPDATE alembic_version SET version_num = 'ffffffffffff'")

    assert db("check").exit_code == 1


def test_nothing_to_adopt(empty):
    """An empty database is not of the older version: 3."""
    done = db("adopt", "--yes")

    assert done.exit_code == 3
    assert "no tables of the older version" in done.output


def test_refusal_is_a_table_of_differences(empty):
    """Table, object, what it is and what it should be."""
    make_older(empty, "F")
    change(empty, "ALTER TABLE alerts DROP COLUMN impact")

    done = db("adopt", "--yes")

    assert done.exit_code == 3
    assert "nearest known shape, F" in done.output
    assert "column impact" in done.output
    assert "FLOAT" in done.output
    assert "nothing was changed" in done.output


def test_retention_means_adopted_rows_when_told(empty):
    """Rows by table, and a row of the audit log that says who did it."""
    make_older(empty, "F")
    assert db("adopt", "--yes").exit_code == 0

    assert db("retention").exit_code == 0
    assert counts(empty)["telemetry"] == 42
    done = db("retention", "--include-adopted")

    assert "telemetry\t42" in done.output.splitlines()
    assert counts(empty)["telemetry"] == 0
    rows = query(empty, "SELECT action FROM audit_log WHERE position > 0 ORDER BY id")
    assert rows == [("retention",), ("retention",)]


def test_database_that_is_away_is_told(monkeypatch):
    """In a line, without the password."""
    monkeypatch.setenv(
        "DATABASE_URL", "postgresql://app:Zk3v9Qw7Lx2Rt5Yb8n@127.0.0.1:1/x"
    )
    done = db("status")

    assert done.exit_code == 1
    assert "Zk3v9Qw7" not in done.output
