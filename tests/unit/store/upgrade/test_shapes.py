"""Which shape of the older version a database has."""

from __future__ import annotations

import pytest
from tests.support.databases import migrate, sync_engine
from tests.support.older import POSTGRESQL, SQLITE, change, make_older, query

from sentinel_netlab.store.migrations.older import BASELINE
from sentinel_netlab.store.upgrade.shapes import older_tables, recognise

NAMES = {"v1": "E"}
CASES = [
    *(("sqlite", shape, NAMES.get(shape, shape)) for shape in SQLITE),
    *(("postgresql16", shape, shape) for shape in POSTGRESQL),
]


def recognised(url):
    with sync_engine(url).connect() as c:
        return recognise(c)


@pytest.mark.parametrize(("database_kind", "shape", "name"), CASES)
def test_known_shapes_are_recognised(database_url, shape, name):
    """Each by its name."""
    make_older(database_url, shape)

    found = recognised(database_url)

    assert (found.shape, found.differences) == (name, ())


@pytest.mark.parametrize("database_kind", ["postgresql18"])
def test_names_and_zones_do_not_count(database_url):
    """Constraints may have other names, times no zone, ids another counter."""
    make_older(database_url, "baseline", revision=BASELINE)
    before = query(database_url, "SELECT min(created_at) FROM alerts")
    change(
        database_url,
        "ALTER TABLE alerts RENAME CONSTRAINT alerts_pkey TO theirs",
        "ALTER TABLE alerts RENAME CONSTRAINT alerts_sensor_id_fkey TO theirs_too",
        "SET timezone = 'UTC'",
        "ALTER TABLE alerts ALTER created_at TYPE timestamp",
        "CREATE SEQUENCE theirs_seq",
        "ALTER TABLE audit_log ALTER id SET DEFAULT nextval('theirs_seq')",
        "SELECT setval('theirs_seq', 20)",
    )

    assert recognised(database_url).differences == ()
    migrate(database_url)
    assert query(database_url, "SELECT min(created_at) FROM alerts") == before
    change(database_url, "INSERT INTO audit_log (event_type) VALUES ('x')")


def test_differences_are_told_both_ways(database_url):
    """What is missing, what is more, what is other; from the nearest shape."""
    make_older(database_url, "baseline")
    change(
        database_url,
        "ALTER TABLE alerts DROP COLUMN impact",
        "ALTER TABLE alerts ADD COLUMN theirs TEXT",
        "DROP INDEX ix_alerts_status",
        "CREATE INDEX ix_alerts_status ON alerts (title)",
    )

    told = [str(one) for one in recognised(database_url).differences]

    assert len(told) == 3
    assert told[0].startswith("alerts: column impact is missing (should be: ")
    assert told[1].startswith("alerts: column theirs is not known (")
    assert told[2].startswith("alerts: index ix_alerts_status is: ")


def test_nothing_is_of_the_older_version(database_url):
    """Tables of others are not looked at."""
    change(database_url, "CREATE TABLE theirs (x INTEGER)")
    with sync_engine(database_url).connect() as c:
        assert older_tables(c) == []
