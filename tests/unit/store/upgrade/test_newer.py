"""An older version in front of a newer version's database."""

from __future__ import annotations

import pytest
from tests.support.databases import sync_engine
from tests.support.older import change, query

from sentinel_netlab.store.schema_state import SCHEMA_CODE, our_history
from sentinel_netlab.store.settings import parse_url
from sentinel_netlab.store.upgrade.errors import UnknownRevisionError
from sentinel_netlab.store.upgrade.job import migrate
from sentinel_netlab.store.upgrade.newer import remember
from sentinel_netlab.store.upgrade.plan import Plan

NEWER = "ffffffffffff"
MADE = (
    f"UPDATE alembic_version SET version_num = '{NEWER}'",  # noqa: S608
    f"UPDATE schema_compat SET revision = '{NEWER}'",  # noqa: S608
    "ALTER TABLE sensors ADD COLUMN colour VARCHAR(20)",
)


def left(url):
    return query(url, "SELECT min_compatible_code, revision FROM schema_compat")


def test_migration_leaves_the_revision_that_it_came_to(migrated_url):
    """And a second one changes nothing."""
    assert left(migrated_url) == [(1, our_history().head)]
    with sync_engine(migrated_url).begin() as connection:
        remember(connection, our_history().head)
    assert left(migrated_url) == [(1, our_history().head)]


def test_newer_schema_that_admits_this_code_is_left_as_it_is(migrated_url):
    """As after an upgrade of the code and back."""
    change(migrated_url, *MADE)
    said = []

    outcome = migrate(Plan(parse_url(migrated_url), say=said.append), None)

    assert outcome.before == outcome.after == NEWER
    assert said == [f"{NEWER} is of a newer version, which admits this one"]
    assert left(migrated_url) == [(1, NEWER)]


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE schema_compat SET min_compatible_code = {SCHEMA_CODE + 1}",  # noqa: S608
        "UPDATE schema_compat SET revision = NULL",
        "UPDATE schema_compat SET revision = 'eeeeeeeeeeee'",
        "INSERT INTO schema_compat VALUES (2, 1, 'ffffffffffff')",
        "INSERT INTO alembic_version VALUES ('eeeeeeeeeeee')",
        "ALTER TABLE schema_compat DROP COLUMN revision",
        "DELETE FROM schema_compat",
        "DROP TABLE schema_compat",
    ],
)
def test_every_other_unknown_revision_is_refused(migrated_url, statement):
    """One that asks for newer code, and one that no migration came to."""
    change(migrated_url, *MADE, statement)

    with pytest.raises(UnknownRevisionError):
        migrate(Plan(parse_url(migrated_url)), None)
