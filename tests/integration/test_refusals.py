"""What no upgrade starts from: exit status 3 or 4, and nothing is changed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from tests.support.databases import ROOT, empty_database, migrate, sql, sync_engine
from tests.support.older import COUNTS, change, counts, make_older, query, stamp
from tests.support.older_shapes import A2, B, C
from typer.testing import CliRunner

from sentinel_netlab.cli.app import app
from sentinel_netlab.store.fingerprint import read_fingerprint
from sentinel_netlab.store.migrations.older import BASELINE

ALTERED = {
    "missing column": "ALTER TABLE alerts DROP COLUMN impact",
    "extra column": "ALTER TABLE sensors ADD COLUMN place TEXT",
    "renamed column": "ALTER TABLE alerts RENAME COLUMN impact TO harm",
    "missing index": "DROP INDEX ix_telemetry_bssid",
    "extra index": "CREATE INDEX theirs ON alerts (title)",
    "other index": "DROP INDEX ix_alerts_status;"
    "CREATE INDEX ix_alerts_status ON alerts (severity)",
    "missing table": "DROP TABLE alerts",
    "renamed table": "ALTER TABLE audit_log RENAME TO audit",
    "table in the way": "CREATE TABLE networks (id INTEGER)",
}
ON_POSTGRESQL = {
    "type": "ALTER TABLE telemetry ALTER channel TYPE text",
    "length": "ALTER TABLE alerts ALTER title TYPE varchar(100)",
    "nullable": "ALTER TABLE api_tokens ALTER role DROP NOT NULL",
    "not null": "ALTER TABLE alerts ALTER title SET NOT NULL",
    "default": "ALTER TABLE alerts ALTER status SET DEFAULT 'open'",
    "primary key": "ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_pkey",
    "foreign key": "ALTER TABLE alerts DROP CONSTRAINT alerts_sensor_id_fkey",
    "unique": "ALTER TABLE ingest_jobs DROP CONSTRAINT uq_ingest_sensor_batch",
    "check": "ALTER TABLE alerts ADD CHECK (impact >= 0)",
    "view of ours": "CREATE VIEW theirs AS SELECT id FROM alerts",
    "hypertable": "CREATE SCHEMA _timescaledb_catalog;"
    "CREATE TABLE _timescaledb_catalog.hypertable (table_name text);"
    "INSERT INTO _timescaledb_catalog.hypertable VALUES ('telemetry')",
}
CASES = [
    pytest.param(kind, statements, id=f"{kind}-{name}")
    for kind in ("sqlite", "postgresql16")
    for name, statements in (
        ALTERED | (ON_POSTGRESQL if kind != "sqlite" else {})
    ).items()
]
_COUNT = "SELECT count(*) FROM {}"


def state(url):
    """Everything that a refusal must leave as it is."""
    with sync_engine(url).connect() as c:
        tables = read_fingerprint(c).tables
        names = [name for name in tables if not name.startswith("type ")]
        rows = {n: c.exec_driver_sql(_COUNT.format(n)).all() for n in names}
        version = c.dialect.has_table(c, "alembic_version")
    if "sqlite" in url:
        content = Path(url.removeprefix("sqlite:///")).read_bytes()
        return tables, rows, version, hashlib.sha256(content).hexdigest()
    return tables, rows, version, ""


def run(*words):
    return CliRunner().invoke(app, list(words))


def upgrade():
    """As ``python -m alembic upgrade head``; the exit status."""
    with pytest.raises(SystemExit) as stopped:
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
    return stopped.value.code


@pytest.fixture
def database(database_kind, tmp_path, monkeypatch):
    with empty_database(database_kind, tmp_path) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield url


@pytest.mark.parametrize(("database_kind", "statements"), CASES)
def test_altered_copies_are_refused(database, statements):
    """By adopt, by the guide's raw commands and by the job; nothing is changed."""
    make_older(database, "baseline")
    change(database, *statements.split(";"))
    before = state(database)
    assert run("db", "adopt", "--yes").exit_code == 3
    assert run("db", "adopt", "--dry-run").exit_code == 3
    assert state(database) == before

    with sync_engine(database).begin() as c:
        stamp(c, BASELINE)
    before = state(database)
    assert upgrade() == 3
    assert run("migrate").exit_code == 3
    assert state(database) == before


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql16"])
@pytest.mark.parametrize("shape", ["A", "B", "C"])
def test_still_older_shapes_are_refused(database, shape):
    """The differences are told in a table."""
    if shape == "A":
        change(database, *A2)
    else:
        make_older(database, "baseline")
        change(database, *(B if shape == "B" else C))
    before = state(database)

    done = run("db", "adopt", "--yes")

    assert done.exit_code == 3
    assert "should be" in done.output
    assert state(database) == before


def test_unknown_revision_is_refused(database):
    """Exit status 4: a newer version made it, perhaps."""
    migrate(database)
    change(database, "UPDATE alembic_version SET version_num = 'ffffffffffff'")

    assert upgrade() == 4
    assert run("migrate").exit_code == 4


def test_revision_that_is_a_lie_is_refused(database):
    """What says that it is normal already, and is not, is no base."""
    make_older(database, "baseline", revision="b1d93c0a5e27")
    before = state(database)

    assert run("migrate").exit_code == 3
    assert state(database) == before
    assert counts(database) == COUNTS


def test_stamp_verifies_nothing_and_the_job_tells(database):
    """Raw stamp to head works; the lie is told one difference a line, exit status 0."""
    make_older(database, "baseline", revision="c7e2f4a81d35")

    done = run("migrate")

    assert done.exit_code == 0
    assert "schema drift: table sites is missing" in done.output
    assert "schema drift: alerts: column count is missing" in done.output


def test_current_changes_nothing(database):
    """Neither a table nor, with tables, a byte of an SQLite file (MG13)."""
    make_older(database, "F")
    before = state(database)

    command.current(Config(ROOT / "alembic.ini"))

    assert state(database) == before


def test_there_is_no_way_back(database):
    """A downgrade is refused, and what was there stays."""
    migrate(database)
    with pytest.raises(SystemExit) as stopped:
        command.downgrade(Config(ROOT / "alembic.ini"), "-1")

    assert stopped.value.code == 1
    assert query(database, "SELECT version_num FROM alembic_version")


def test_tables_of_another_owner_are_refused(tmp_path, monkeypatch):
    """Whoever may not change a table is told before the first change."""
    with empty_database("postgresql16", tmp_path) as url:
        make_older(url, "baseline", revision=BASELINE)
        role = f"sentinel_test_stranger_{os.getpid()}"
        sql(
            url,
            f"DROP ROLE IF EXISTS {role}",
            f"CREATE ROLE {role} LOGIN",
            f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}",
        )
        monkeypatch.setenv("DATABASE_URL", url.replace("postgres:@", f"{role}@"))
        done = run("migrate")
        sql(url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")

    assert done.exit_code == 3
    assert "table alerts belongs to postgres" in done.output
