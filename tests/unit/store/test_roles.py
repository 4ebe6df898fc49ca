"""What the role of the processes may do, and what it may not."""

from __future__ import annotations

import os

import psycopg
import pytest
import sqlalchemy as sa
from tests.support.batches import NOW, batch, in_transaction, put
from tests.support.databases import KINDS, empty_database, sql, sync_engine
from tests.support.older import make_older

from sentinel_netlab.store import audit
from sentinel_netlab.store.migrations.older import BASELINE
from sentinel_netlab.store.retention import Ages, purges
from sentinel_netlab.store.roles import AppRole, app_role_of, ensure_app_role
from sentinel_netlab.store.schema_state import full_state
from sentinel_netlab.store.tables import metadata
from sentinel_netlab.store.upgrade.job import migrate
from sentinel_netlab.store.upgrade.plan import Plan

ROLE = f"sentinel_test_app_{os.getpid()}"  # roles are of the whole server
PASSWORD = "a-password-of-the-tests"  # noqa: S105  # of a role that is dropped
DENIED = {
    "create a table": "CREATE TABLE theirs (x int)",
    "create a schema": "CREATE SCHEMA theirs",
    "drop a table": "DROP TABLE alerts",
    "alter a table": "ALTER TABLE alerts ADD COLUMN theirs int",
    "make an index": "CREATE INDEX theirs ON alerts (title)",
    "empty a table": "TRUNCATE alerts",
    "make a trigger": "CREATE TRIGGER theirs BEFORE INSERT ON alerts"
    " FOR EACH ROW EXECUTE FUNCTION audit_log_stays()",
    "change the audit log": "UPDATE audit_log SET actor = 'eve'",
    "delete of it": "DELETE FROM audit_log",
    "empty it": "TRUNCATE audit_log",
    "forget its end": "DELETE FROM audit_head",
    "disable its trigger": "ALTER TABLE audit_log DISABLE TRIGGER ALL",
    "move the revision": "UPDATE alembic_version SET version_num = 'x'",
    "admit other code": "UPDATE schema_compat SET min_compatible_code = 0",
    "set a sequence": "SELECT setval('audit_log_id_seq', 1)",
    "make a role": "CREATE ROLE theirs",
    "become the owner": "SET ROLE postgres",
}
POSTGRESQL = [kind for kind in KINDS if kind != "sqlite"]


def _drop(url):
    there = sql(url, f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'")  # noqa: S608
    if there:
        sql(url, f"DROP OWNED BY {ROLE}", f"DROP ROLE {ROLE}")


def as_app(url):
    return (
        sa.make_url(url)
        .set(username=ROLE, password=PASSWORD)
        .render_as_string(hide_password=False)
    )


def job(url):
    """The migration job for the role in the processes' URL."""
    plan = Plan(sa.make_url(url))
    return migrate(plan, app_role_of(sa.make_url(as_app(url)), plan.url))


@pytest.fixture(params=["new", "older"])
def owner_url(request, database_kind, tmp_path):
    """A database of the owner's, new or of the older version, and the role's grants."""
    with empty_database(database_kind, tmp_path) as url:
        _drop(url)
        if request.param == "older":
            make_older(url, "G", revision=BASELINE)
        job(url)
        yield url
        _drop(url)


@pytest.mark.parametrize("database_kind", POSTGRESQL)
def test_second_run_changes_nothing(owner_url):
    """Nor is there anything to warn of."""
    granted = job(owner_url).granted

    assert granted.done == []
    assert granted.warnings == []


@pytest.mark.parametrize("database_kind", ["postgresql16"])
def test_what_is_denied(owner_url):
    """DDL, the audit log's past, the revision: each is refused by PostgreSQL."""
    refused = []
    for name, statement in DENIED.items():
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql(as_app(owner_url), statement)
        refused.append(name)

    assert refused == list(DENIED)


@pytest.mark.parametrize("database_kind", POSTGRESQL)
def test_what_is_allowed(owner_url):
    """Rows of every table are read; those that the processes write are written."""
    for name in metadata.tables:
        sql(as_app(owner_url), f"SELECT * FROM {name} LIMIT 1")  # noqa: S608
    sql(
        as_app(owner_url),
        "INSERT INTO sites (id, name, created_at) VALUES ('hq', 'HQ', now())",
        "UPDATE sites SET name = 'H'",
        "DELETE FROM sites",
        "INSERT INTO audit_log (event_type, position) VALUES ('x', 1)",
        "INSERT INTO events (xid, kind, subject_id, payload, created_at)"
        " VALUES (1, 'alert', 'x', '{}', now())",
    )


@pytest.mark.parametrize("database_kind", POSTGRESQL)
def test_processes_work_as_the_role(owner_url):
    """The look at the schema, the queue, the audit log, forgetting."""

    async def work(c):
        assert (await full_state(c)).ready
        await put(c, batch())
        await audit.record(
            c, event_type="x", actor="a", action="b", resource="r", now=NOW
        )
        for purge in purges(Ages(), include_adopted=True).values():
            await purge(c, NOW, 10)

    in_transaction(as_app(owner_url), work)


@pytest.mark.parametrize("database_kind", ["postgresql16"])
def test_taken_and_given_rights_are_put_right(owner_url):
    """What somebody granted or revoked meanwhile does not last."""
    sql(
        owner_url,
        f"GRANT CREATE ON SCHEMA public TO {ROLE}",
        f"GRANT UPDATE ON audit_log TO {ROLE}",
        f"REVOKE INSERT ON telemetry FROM {ROLE}",
        "GRANT SELECT ON api_tokens TO PUBLIC",
    )

    done = job(owner_url).granted.done

    assert len(done) == 4
    assert job(owner_url).granted.done == []


@pytest.mark.parametrize("database_kind", ["postgresql16"])
def test_password_is_in_no_word(owner_url):
    """Neither in what is told nor in the representation of the role."""
    _drop(owner_url)
    role = AppRole(ROLE, PASSWORD)
    with sync_engine(owner_url).begin() as c:
        granted = ensure_app_role(c, role)

    assert granted.done[0] == f'CREATE ROLE "{ROLE}" LOGIN'
    assert PASSWORD not in str(granted) + repr(role)


@pytest.mark.parametrize(
    ("app", "owner"),
    [
        ("sqlite:///x", "sqlite:///x"),
        ("postgresql://one@/x", "postgresql://one@/x"),
        ("postgresql:///x", "postgresql://one@/x"),
    ],
)
def test_no_role_of_its_own(app, owner):
    """SQLite has none, and the owner needs none."""
    assert app_role_of(sa.make_url(app), sa.make_url(owner)) is None


def test_chained_rows_of_the_audit_log_stay(migrated_url):
    """Not even the owner changes them; those before the chain are free."""
    sqlite = "sqlite" in migrated_url
    with sync_engine(migrated_url).begin() as c:
        for position in (1, None):
            insert = "INSERT INTO audit_log (event_type, position) VALUES ('x', :p)"
            c.execute(sa.text(insert), {"p": position})
        c.exec_driver_sql("UPDATE audit_log SET actor = 'a' WHERE position IS NULL")
    statements = ["UPDATE audit_log SET actor = 'eve'", "DELETE FROM audit_log"]
    for statement in statements if sqlite else [*statements, "TRUNCATE audit_log"]:
        with (
            pytest.raises(sa.exc.DBAPIError, match="stay as they are"),
            sync_engine(migrated_url).begin() as c,
        ):
            c.exec_driver_sql(statement)
