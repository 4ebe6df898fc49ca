"""What the jobs tell of a database."""

from __future__ import annotations

import pytest
from tests.support.databases import migrate
from tests.support.older import COUNTS, change, make_older

from sentinel_netlab.store.settings import parse_url
from sentinel_netlab.store.upgrade import job
from sentinel_netlab.store.upgrade.errors import UpgradeError
from sentinel_netlab.store.upgrade.plan import Plan


@pytest.fixture
def plan(database_url):
    return Plan(parse_url(database_url))


def test_migration_from_nothing(plan):
    """From no revision to head, without a difference; then there is nothing to do."""
    first, second = job.migrate(plan, None), job.migrate(plan, None)

    assert (first.before, first.after) == (None, job.head())
    assert (second.before, second.after) == (job.head(), job.head())
    assert not first.differences


def test_difference_at_head_is_no_error(database_url, plan):
    """The controller tells it to the world; the job ends well."""
    migrate(database_url)
    change(database_url, "DROP TABLE evidence")

    found = job.migrate(plan, None).differences

    assert found.ours_missing_or_changed == ["table evidence is missing"]


def test_look_at_what_may_be_adopted(database_url, plan):
    """Rows and shape; a database at head has nothing to adopt."""
    make_older(database_url, "baseline")

    found = job.look(plan)

    assert found.is_fit
    assert found.rows == COUNTS
    job.adopt(plan, None)
    assert not job.look(plan).is_fit


def test_comparison_knows_the_revision(database_url, plan):
    """And the golden fingerprint of it."""
    migrate(database_url, "b1d93c0a5e27")

    revision, actual, golden = job.compared(plan)

    assert revision == "b1d93c0a5e27"
    assert actual.digest() == golden.digest()


@pytest.mark.parametrize("database_kind", ["postgresql16"])
def test_errors_quote_no_row(database_url, plan):
    """What the database says in its details stays there."""
    make_older(database_url, "v1")
    change(
        database_url,
        "INSERT INTO ingest_jobs (job_id, sensor_id) VALUES ('s:secret', 's')",
        "CREATE FUNCTION boom() RETURNS event_trigger LANGUAGE plpgsql AS"
        " 'BEGIN RAISE EXCEPTION ''no'' USING DETAIL = ''s:secret''; END'",
        "CREATE EVENT TRIGGER boom ON ddl_command_end EXECUTE FUNCTION boom()",
    )

    with pytest.raises(UpgradeError, match="the database refused: no") as error:
        job.adopt(plan, None)

    assert "secret" not in str(error.value)
    assert error.value.status == 1


def test_database_that_is_away_is_told(tmp_path):
    """Without the password that it would have been asked with."""
    url = parse_url("postgresql://u:a-long-password-here@127.0.0.1:1/x")

    with pytest.raises(UpgradeError) as error:
        job.migrate(Plan(url), None)

    assert "a-long-password" not in str(error.value)
