"""Databases of the older version: every shape is adopted with all rows, no other is."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.config import Config
from tests.support import older
from tests.support.app import on_app
from tests.support.databases import ROOT, empty_database, sync_engine
from tests.support.older import (
    COUNTS,
    PUBLIC_TOKEN,
    change,
    counts,
    load_dump,
    make_older,
    query,
)
from tests.support.shared import SHARED
from typer.testing import CliRunner

from sentinel_netlab.cli.app import app
from sentinel_netlab.store.engine import make_engine
from sentinel_netlab.store.fingerprint import compare, golden_of, read_fingerprint
from sentinel_netlab.store.migrations.older import BASELINE
from sentinel_netlab.store.retention import Ages
from sentinel_netlab.store.schema_state import our_history
from sentinel_netlab.worker.sweep import forget

_ONCE = {"sqlite": "raw", "postgresql16": "adopt", "postgresql18": "raw"}
SHAPES = [
    pytest.param(
        kind,
        shape,
        way,
        id=f"{way}-{kind}-{shape}",
        marks=() if way == _ONCE[kind] or shape == "F" else pytest.mark.long,
    )
    for kind in _ONCE
    for shape in (older.SQLITE if kind == "sqlite" else older.POSTGRESQL)
    for way in ("raw", "adopt")
]
SAMPLES = [
    ("sqlite", "shape_e.sqlite"),
    ("sqlite", "shape_f.sqlite"),
    ("postgresql16", "shape_d.pg.sql"),
    ("postgresql18", "shape_d.pg.sql"),
    ("postgresql16", "shape_f.pg.sql"),
    ("postgresql18", "shape_f.pg.sql"),
]
WHEN = "2026-02-03 08:00:00.000000"
SAMPLE_COUNTS = {
    "sensors": 3,
    "api_tokens": 3,
    "audit_log": 20,
    "ingest_jobs": 24,
    "telemetry": 420,
    "alerts": 60,
}


@pytest.fixture
def database(database_kind, tmp_path, monkeypatch):
    """An empty database, which the environment names."""
    with empty_database(database_kind, tmp_path) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield url


def raw(name, revision):
    """As ``python -m alembic`` does; exit statuses are raised."""
    getattr(command, name)(Config(ROOT / "alembic.ini"), revision)


def db(*words):
    return CliRunner().invoke(app, ["db", *words])


def drift(url):
    """What is not as the migrations make it; the kept keys of sensors are not ours."""
    with sync_engine(url).connect() as c:
        golden = golden_of(our_history().head, c.dialect.name)
        return compare(read_fingerprint(c), golden).ours_missing_or_changed


def assert_adopted(url, rows):
    assert counts(url) == rows
    assert drift(url) == []
    marked = query(url, "SELECT count(*) FROM telemetry WHERE adopted")
    assert marked[0][0] == rows["telemetry"]
    assert not any(row[0] for row in query(url, "SELECT is_active FROM api_tokens"))


def take_over(way):
    """By the guide's raw commands, or by the one of ours."""
    if way == "raw":
        raw("stamp", BASELINE)
        raw("upgrade", "head")
        return
    done = db("adopt", "--yes")
    assert done.exit_code == 0, done.output
    assert "deactivated" in done.output


@pytest.mark.parametrize(("database_kind", "shape", "way"), SHAPES)
def test_each_shape_is_adopted(database, shape, way):
    """Every row is kept and marked, the schema is the head's, no token is active."""
    make_older(database, shape)

    take_over(way)

    assert_adopted(database, COUNTS)


def test_what_is_adopted_is_not_adopted_again(database):
    """The second time there is nothing of the older version."""
    make_older(database, "baseline")
    take_over("adopt")

    assert db("adopt", "--yes").exit_code == 3
    assert counts(database) == COUNTS


def test_a_dry_run_changes_nothing(database):
    """It names the rows, and there is no revision afterwards."""
    make_older(database, "F")

    done = db("adopt", "--dry-run")

    assert done.exit_code == 0, done.output
    assert "42 rows" in done.output
    assert not has_table(database, "alembic_version")
    assert counts(database) == COUNTS


def test_nobody_adopts_without_saying_so(database):
    """Without --yes it asks, and no answer is no."""
    make_older(database, "F")

    assert db("adopt").exit_code == 1
    assert not has_table(database, "alembic_version")


def test_upgrade_without_a_revision_is_refused(database):
    """Nothing is made over tables that no revision speaks for."""
    make_older(database, "baseline")

    with pytest.raises(SystemExit) as stopped:
        raw("upgrade", "head")

    assert stopped.value.code == 3
    assert not has_table(database, "alembic_version")


def has_table(url, name):
    with sync_engine(url).connect() as c:
        return c.dialect.has_table(c, name)


@pytest.fixture
def adopted(database):
    make_older(database, "F" if "sqlite" in database else "G")
    assert db("adopt", "--yes").exit_code == 0
    return database


def test_names_and_addresses_after_adoption(adopted):
    """An SSID is bytes with a text; what was no address is none."""
    rows = query(adopted, "SELECT ssid, ssid_text FROM alerts ORDER BY id LIMIT 5")
    bad = query(adopted, "SELECT count(*) FROM telemetry WHERE bssid IS NULL")

    assert [(ssid and bytes(ssid), text) for ssid, text in rows] == [
        (b"CorpNet", "CorpNet"),
        ("Cafe Ünïcode ☕".encode(), "Cafe Ünïcode ☕"),
        (None, None),
        (b"a\\b", "a\\x5cb"),
        (b"", ""),
    ]
    assert bad[0][0] == 6


def test_batch_ids_are_told_by_the_ids_of_jobs(adopted):
    """What follows the sensor, which the batch may begin with too."""
    rows = query(adopted, "SELECT job_id, sensor_id, batch_id FROM ingest_jobs")

    assert all(job == f"{sensor}:{batch}" for job, sensor, batch in rows)


def test_adopted_tokens_open_nothing(adopted):
    """Not even the one whose word everybody knows."""

    async def ask(lab):
        headers = {"Authorization": f"Bearer {PUBLIC_TOKEN}"}
        return await lab.http.get("/api/v1/alerts", headers=headers)

    assert on_app(adopted, ask).status_code == 401


def test_retention_keeps_adopted_rows_until_it_is_told(adopted):
    """The worker deletes none, years later; `--include-adopted` means them."""

    async def run(*, include_adopted):
        engine = make_engine(adopted)
        try:
            later = datetime(2031, 1, 1, tzinfo=UTC)
            return await forget(
                engine, Ages(), lambda: later, include_adopted=include_adopted
            )
        finally:
            await engine.dispose()

    asyncio.run(run(include_adopted=False))
    assert counts(adopted) == COUNTS
    gone = asyncio.run(run(include_adopted=True))
    assert gone["telemetry"] == COUNTS["telemetry"]
    assert counts(adopted)["audit_log"] == COUNTS["audit_log"]


def test_worker_starts_after_adoption_and_every_row_stays(adopted):
    """It does all that is due, retention too; the rows are months old."""
    done = subprocess.run(
        [sys.executable, "-m", "sentinel_netlab", "worker", "--once"],
        env={**os.environ, "SENTINEL_ALLOW_SQLITE": "1"},
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert counts(adopted) == COUNTS
    jobs = query(adopted, "SELECT status, count(*) FROM ingest_jobs GROUP BY 1")
    assert dict(jobs) == {"done": 8, "queued": 8, "failed": 8}


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "legacy").is_dir(), reason="needs the samples")
@pytest.mark.parametrize(("database_kind", "sample"), SAMPLES)
@pytest.mark.parametrize("way", ["raw", "adopt"])
def test_samples_are_adopted(database, database_kind, sample, way):
    """Databases that an older version made."""
    file = SHARED / "legacy" / sample
    if database_kind == "sqlite":
        shutil.copyfile(file, database.removeprefix("sqlite:///"))
    else:
        load_dump(database, file)

    take_over(way)

    assert_adopted(database, SAMPLE_COUNTS)


def test_what_jsonb_cannot_hold_is_kept_as_text(tmp_path, monkeypatch):
    """NUL, half a pair, a number beyond all bounds: older JSON had room for them."""
    with empty_database("postgresql16", tmp_path) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        make_older(url, "F", revision=BASELINE)
        values = [r'{"ssid": "a\u0000b\\u0000"}', r'["\udcff"]', "1e999999"]
        for number, value in enumerate(values, 1):
            change(
                url,
                f"UPDATE telemetry SET raw_data = '{value}' WHERE id = {number}",  # noqa: S608
            )
        raw("upgrade", "head")
        rows = query(url, "SELECT raw_data FROM telemetry WHERE id < 4 ORDER BY id")

    assert [row[0] for row in rows] == [
        {"ssid": r"a\u0000b\u0000"},
        [r"\udcff"],
        "1e999999",
    ]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_sqlite_let_in_is_kept(database):
    """Keys of nobody, times and JSON that are none: the rows stay with the rest."""
    make_older(database, "F", revision=BASELINE)
    change(
        database,
        "INSERT INTO sensor_keys VALUES ('nobody', 'x')",
        "UPDATE telemetry SET timestamp = 'soon', raw_data = '{', ssid = x'00ff',"
        " bssid = 12 WHERE id = 1",
        "UPDATE telemetry SET timestamp = '2026-02-03T10:00:00+02:00' WHERE id = 2",
    )

    raw("upgrade", "head")

    names = "timestamp, raw_data, ssid, ssid_text, bssid"
    rows = query(database, f"SELECT {names} FROM telemetry ORDER BY id LIMIT 2")  # noqa: S608
    assert rows[0] == (WHEN, '"{"', b"\0\xff", "\\x00\\xff", None)
    assert rows[1][0] == WHEN
    assert counts(database) == COUNTS


def test_rows_of_sensors_that_are_gone_bring_them_back(database):
    """Shape G and SQLite let observations refer to nobody; they are kept."""
    make_older(database, "F" if "sqlite" in database else "G", revision=BASELINE)
    change(
        database,
        "INSERT INTO telemetry (timestamp, sensor_id, bssid)"
        " VALUES ('2026-02-03 08:00:00', 'gone', 'x')",
    )

    raw("upgrade", "head")

    assert counts(database)["telemetry"] == COUNTS["telemetry"] + 1
    assert query(database, "SELECT adopted FROM sensors WHERE id = 'gone'")
