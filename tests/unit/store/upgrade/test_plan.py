"""How migrations reach a database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from sentinel_netlab.settings import load
from sentinel_netlab.store.settings import DatabaseSettings, parse_url
from sentinel_netlab.store.upgrade.plan import Plan, owner_engine


def test_plan_of_the_settings():
    """The owner's URL if there is one, and the limits."""
    settings = load(
        DatabaseSettings,
        {
            "DATABASE_URL": "postgresql:///x",
            "MIGRATION_DATABASE_URL": "postgresql://owner@/x",
            "SENTINEL_LOCK_WAIT_S": "7",
            "SENTINEL_LOCK_TIMEOUT_S": "2",
            "SENTINEL_STATEMENT_TIMEOUT_S": "9",
        },
    )

    plan = Plan.of(settings, adopt=True)

    assert plan.url.username == "owner"
    limits = (plan.lock_wait_s, plan.lock_timeout_s, plan.statement_timeout_s)
    assert (*limits, plan.adopt) == (7, 2, 9, True)


@pytest.mark.parametrize("database_kind", ["postgresql16"])
def test_limits_hold_on_postgresql(database_url):
    """In the server's own words."""
    plan = Plan(parse_url(database_url), lock_timeout_s=2, statement_timeout_s=9)
    names = (
        *("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"),
        *("timezone", "application_name"),
    )

    with owner_engine(plan).connect() as c:
        shown = [c.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names]

    assert shown == ["2s", "9s", "5min", "UTC", "sentinel migrate"]


def test_definitions_are_taken_back(database_url):
    """DDL is a part of the transaction on both databases."""
    engine = owner_engine(Plan(parse_url(database_url)))
    with engine.connect() as c:
        c.exec_driver_sql("CREATE TABLE t (x INTEGER)")
        c.rollback()
        assert not sa.inspect(c).has_table("t")
