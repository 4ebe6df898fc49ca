"""Migrations at the same time, and such that are killed: applied once, and whole."""

from __future__ import annotations

import random

import pytest
from tests.support.databases import empty_database, migrate, sync_engine
from tests.support.evidence import evidence
from tests.support.migrators import WAYS, die_at, migrate_together
from tests.support.older import COUNTS, counts, make_older

from sentinel_netlab.store.fingerprint import golden_of, read_fingerprint
from sentinel_netlab.store.migrations.older import BASELINE
from sentinel_netlab.store.schema_state import our_history

SEED = 20260203
MIGRATORS = 8
ROUNDS = 50
BEFORE_HEAD = "b1d93c0a5e27"
STEPS = {"empty": 3, "baseline": 2, "before head": 1}
"""Revisions to run from each start."""


def prepare(url, start):
    if start == "baseline":
        make_older(url, "baseline", revision=BASELINE)
    elif start == "before head":
        migrate(url, BEFORE_HEAD)


def assert_whole(url, start):
    with sync_engine(url).connect() as c:
        golden = golden_of(our_history().head, c.dialect.name)
        assert read_fingerprint(c).digest() == golden.digest()
        assert c.exec_driver_sql("SELECT version_num FROM alembic_version").all() == [
            (our_history().head,)
        ]
    if start == "baseline":
        assert counts(url) == COUNTS


def race(kind, folder, start, count):
    with empty_database(kind, folder) as url:
        prepare(url, start)
        ended = migrate_together(url, count)
        assert [one.status for one in ended] == [0] * count
        assert sum(len(one.applied) for one in ended) == STEPS[start]
        assert_whole(url, start)


def kill_and_repeat(kind, folder, start, boundary):
    """Whether a migration died at *boundary*; the next one finishes."""
    with empty_database(kind, folder) as url:
        prepare(url, start)
        died = die_at(url, boundary, WAYS[boundary % 2])
        migrate(url)
        assert_whole(url, start)
    return died


@pytest.mark.parametrize("start", STEPS)
def test_migrations_at_the_same_time(database_kind, tmp_path, start):
    """All exit with 0, and each revision is run by one of them."""
    race(database_kind, tmp_path, start, 4)


@pytest.mark.parametrize("start", STEPS)
def test_killed_migration_is_done_by_the_next(database_kind, tmp_path, start):
    """At some statements; all of them are in the long run."""
    for boundary in random.Random(f"{SEED} {start}").sample(range(25), 2):
        assert kill_and_repeat(database_kind, tmp_path, start, boundary)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_races_at_the_full_size(database_kind, tmp_path):
    """8 migrators, 50 rounds from each start."""
    with evidence(f"migrations_race_{database_kind}", SEED) as found:
        for start in STEPS:
            for done in range(1, ROUNDS + 1):
                race(database_kind, tmp_path, start, MIGRATORS)
                found[f"rounds of {MIGRATORS} from {start}"] = done


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_kills_at_every_boundary(database_kind, tmp_path):
    """A kill after each statement and before each commit, from each start."""
    with evidence(f"migrations_kills_{database_kind}", SEED) as found:
        for start in STEPS:
            boundary = 0
            while kill_and_repeat(database_kind, tmp_path, start, boundary):
                boundary += 1
                found[f"kills from {start}"] = boundary
            assert boundary
