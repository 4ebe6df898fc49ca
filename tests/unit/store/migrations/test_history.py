"""The history of the schema leads to our tables, on every database the same way."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from tests.support.databases import ROOT, empty_database, migrate, sync_engine
from tests.support.older import make_older

from sentinel_netlab.store.fingerprint import compare, golden_of, read_fingerprint
from sentinel_netlab.store.migrations.older import BASELINE
from sentinel_netlab.store.schema_state import our_history
from sentinel_netlab.store.tables import metadata

REVISIONS = [BASELINE, "b1d93c0a5e27", "c7e2f4a81d35"]


def fingerprint(url):
    with sync_engine(url).connect() as c:
        return read_fingerprint(c)


def test_one_line_of_revisions():
    """No branches; the first is the older version's."""
    folder = ROOT / "src/sentinel_netlab/store/migrations"
    scripts = ScriptDirectory(str(folder)).walk_revisions()

    assert [one.revision for one in scripts][::-1] == REVISIONS
    assert our_history().head == REVISIONS[-1]


def test_head_is_our_tables(migrated_url, database_kind, tmp_path):
    """Only what a Table cannot say differs: the audit log's rules, telemetry's key."""
    with empty_database(database_kind, tmp_path) as url:
        with sync_engine(url).begin() as c:
            metadata.create_all(c)
        found = compare(fingerprint(migrated_url), fingerprint(url))

    told = [text.partition(" is")[0] for text in found.ours_missing_or_changed]
    assert found.not_ours == []
    assert [text for text in told if "trigger audit_log_" not in text] == (
        [] if database_kind == "sqlite" else ["telemetry: primary key pk_telemetry"]
    )


def test_alembic_sees_no_difference(migrated_url):
    """`alembic check` agrees, with types and defaults."""
    options = {"compare_type": True, "compare_server_default": True}
    with sync_engine(migrated_url).connect() as c:
        context = MigrationContext.configure(c, opts=options)
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_goldens_are_what_the_migrations_make(database_kind, tmp_path, revision):
    """PostgreSQL 16 made them; 18 makes the same."""
    with empty_database(database_kind, tmp_path) as url:
        migrate(url, revision)
        found = fingerprint(url)

    dialect = "sqlite" if database_kind == "sqlite" else "postgresql"
    golden = golden_of(revision, dialect)
    assert not compare(found, golden)
    assert found.digest() == golden.digest()


def test_way_to_head_leaves_no_trace(database_kind, tmp_path):
    """From rows of the older version comes the schema that comes from nothing."""
    with empty_database(database_kind, tmp_path) as url:
        make_older(url, "v1", revision=BASELINE)
        migrate(url)
        found = fingerprint(url)

    dialect = "sqlite" if database_kind == "sqlite" else "postgresql"
    assert found.digest() == golden_of(our_history().head, dialect).digest()
