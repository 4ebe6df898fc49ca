"""Roles and database of a cluster: new, of an older deployment, half-made."""

from __future__ import annotations

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import make_url
from tests.support.clusters import Cluster, cluster
from tests.support.databases import ROOT, sql
from tests.support.older import counts, load_dump, make_older
from tests.support.shared import SHARED, requires_shared

from sentinel_netlab.store.cluster import (
    ClusterError,
    Reach,
    ServerAwayError,
    UnfitNamesError,
    ensure_cluster,
    wanted_of,
)
from sentinel_netlab.store.migrations.older import BASELINE
from sentinel_netlab.store.roles import app_role_of
from sentinel_netlab.store.schema_state import our_history
from sentinel_netlab.store.upgrade.environment import PLAN
from sentinel_netlab.store.upgrade.job import Outcome, migrate
from sentinel_netlab.store.upgrade.plan import Plan

OWNER, APP = "sentinel_owner", "sentinel_app"
OWNERS, APPS = "owner-of-tests-1", "app-of-tests-'%2"
SHAPE_D = SHARED / "legacy/shape_d.pg.sql"
# Multiranges stay with their maker: PostgreSQL 16 does not let them follow.
NOT_THE_OWNERS = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace
  AND pg_get_userbyid(relowner) <> 'sentinel_owner'
UNION ALL SELECT typname FROM pg_type
WHERE typnamespace = 'public'::regnamespace AND typname NOT LIKE '%multirange'
  AND pg_get_userbyid(typowner) <> 'sentinel_owner'
UNION ALL SELECT proname FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
  AND pg_get_userbyid(proowner) <> 'sentinel_owner'
UNION ALL SELECT nspname FROM pg_namespace
WHERE nspname = 'public' AND pg_get_userbyid(nspowner) <> 'sentinel_owner'
UNION ALL SELECT datname FROM pg_database
WHERE datname = 'sentinel' AND pg_get_userbyid(datdba) <> 'sentinel_owner'
"""


@pytest.fixture(params=["postgres", "sentinel"])
def server(request):
    with cluster(request.param) as one:
        yield one


@pytest.fixture
def older():
    """A cluster whose superuser made a database of its own name."""
    with cluster("sentinel") as one:
        one.sql("CREATE DATABASE sentinel", database="postgres")
        yield one


def reach(server: Cluster, **changed) -> Reach:
    clock = iter(range(1_000))
    given = {
        "superuser": None,
        "wait_s": 3,
        "clock": lambda: float(next(clock)),
        "sleep": lambda _: None,
        **changed,
    }
    return Reach(str(server.socket), **given)


@pytest.fixture(autouse=True)
def _port(request, monkeypatch):
    """The socket's name has the port in it; libpq takes it from the environment."""
    for name in {"server", "older"} & set(request.fixturenames):
        port = request.getfixturevalue(name).port
        monkeypatch.setenv("PGPORT", str(port))


def owner_url(server: Cluster, password: str = OWNERS) -> str:
    return server.url(OWNER, password)


def app_url(server: Cluster, password: str = APPS) -> str:
    return server.url(APP, password)


def ensure(server: Cluster, owners: str = OWNERS, apps: str = APPS, **more) -> list:
    """What was done, as it is told."""
    wanted = wanted_of(
        make_url(app_url(server, apps)), make_url(owner_url(server, owners))
    )
    lines: list[str] = []
    count = ensure_cluster(wanted, reach(server, **more), lines.append)
    done = [line for line in lines if not line.startswith("warning: ")]
    assert count == len(done)
    return done


def job(server: Cluster) -> Outcome:
    """The migration job, with the URLs of the settings."""
    plan = Plan(make_url(owner_url(server)))
    return migrate(plan, app_role_of(make_url(app_url(server)), plan.url))


def assert_as_it_should_be(server: Cluster) -> None:
    """The migration job runs, and each role may do what it should and no more."""
    outcome = job(server)
    assert outcome.after == our_history().head
    assert outcome.granted.warnings == []
    assert outcome.differences.ours_missing_or_changed == []
    assert server.sql(NOT_THE_OWNERS) == []
    rights = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles"
    for url in (owner_url(server), app_url(server)):
        [found] = sql(url, f"{rights} WHERE rolname = current_user")
        assert found == (False, False, False, False)
    sql(owner_url(server), "CREATE TABLE one (x int)", "DROP TABLE one")
    sql(
        app_url(server),
        "INSERT INTO sites (id, name, created_at) VALUES ('hq', 'HQ', now())",
        "DELETE FROM sites",
    )
    for refused in (
        "CREATE TABLE theirs (x int)",
        "CREATE SCHEMA theirs",
        "DROP TABLE alerts",
        "SET ROLE sentinel_owner",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql(app_url(server), refused)
    assert ensure(server) == []


def test_a_new_cluster(server):
    """Roles, passwords, database; the second run does nothing."""
    done = ensure(server)

    assert done[:4] == [
        f"role {OWNER} made",
        f"role {OWNER} has the password of its URL",
        f"role {APP} made",
        f"role {APP} has the password of its URL",
    ]
    assert done[4] == f"database sentinel made; its owner is {OWNER}"
    assert ensure(server) == []
    assert_as_it_should_be(server)


def test_no_password_reaches_the_log_of_the_server(server):
    """Which notes every statement here; nor does what the server keeps instead."""
    ensure(server)
    ensure(server, owners="other-for-owner1", apps="other-for-app-12")

    text = server.log.read_text()
    assert "ready to accept connections" in text
    words = (OWNERS, APPS, "other-for-owner1", "other-for-app-12", "SCRAM-SHA-256$")
    assert [word for word in words if word in text] == []


def test_passwords_follow_the_urls(server):
    """The one that changed, and not the other."""
    ensure(server)

    assert ensure(server, apps="another-password") == [
        f"role {APP} has the password of its URL"
    ]

    assert sql(app_url(server, "another-password"), "SELECT 1") == [(1,)]
    with pytest.raises(psycopg.OperationalError):
        sql(app_url(server), "SELECT 1")


@requires_shared
def test_tables_of_the_older_superuser(older):
    """Shape D as it was dumped, stamped by hand as the guide says, then migrated."""
    load_dump(older.local_url, SHAPE_D)

    done = ensure(older)

    assert "database sentinel given to sentinel_owner" in done
    assert "table public.alerts given to sentinel_owner, was of sentinel" in done
    assert older.sql(NOT_THE_OWNERS) == []
    stamp(older)
    assert_as_it_should_be(older)
    assert counts(owner_url(older)) == {
        "sensors": 3,
        "api_tokens": 3,
        "audit_log": 20,
        "ingest_jobs": 24,
        "telemetry": 420,
        "alerts": 60,
    }


def stamp(server: Cluster) -> None:
    """As ``python -m alembic stamp 4085bd1d44e4`` by the owner."""
    config = Config(ROOT / "alembic.ini")
    config.attributes[PLAN] = Plan(make_url(owner_url(server)))
    command.stamp(config, BASELINE)


def test_tables_of_the_app(server):
    """As a deployment with one role left them; its processes go on meanwhile."""
    server.sql(f"CREATE ROLE {APP} LOGIN", "CREATE DATABASE sentinel OWNER "
               f"{APP}", database="postgres")  # fmt: skip
    server.sql(f"ALTER ROLE {APP} PASSWORD 'of-the-old-stack'", database="postgres")
    server.sql(f"GRANT ALL ON SCHEMA public TO {APP}")
    make_older(server.url(APP, "of-the-old-stack"), "G", revision=BASELINE)

    done = ensure(server)

    assert f"table public.telemetry given to {OWNER}, was of {APP}" in done
    assert sql(app_url(server), "SELECT count(*) FROM telemetry")[0][0] > 0
    sql(app_url(server), "UPDATE telemetry SET sensor_id = sensor_id")
    assert_as_it_should_be(server)


def test_everything_else_in_the_schema(older):
    """Views, sequences, types, functions; what follows them; no extension's."""
    older.sql(
        "CREATE SEQUENCE loose",
        "CREATE TABLE numbered (id serial, other int GENERATED ALWAYS AS IDENTITY)",
        "CREATE VIEW seen AS SELECT 1 AS one",
        "CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one",
        "CREATE TYPE mood AS ENUM ('a')",
        "CREATE TYPE pair AS (a int, b int)",
        "CREATE TYPE stretch AS RANGE (subtype = float8)",
        "CREATE DOMAIN small AS int",
        "CREATE FUNCTION \"of X\"(a int, b text DEFAULT '%s') RETURNS int"
        " LANGUAGE sql AS 'SELECT 1'",
        "CREATE PROCEDURE deed() LANGUAGE sql AS 'SELECT 1'",
        "CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int)",
        'CREATE TABLE "Odd ""name" (x mood, y pair[])',
        "CREATE TABLE parts (x int) PARTITION BY LIST (x)",
        "CREATE TABLE part PARTITION OF parts DEFAULT",
        "CREATE SCHEMA apart CREATE TABLE theirs (x int)",
    )

    ensure(older)

    assert older.sql(NOT_THE_OWNERS) == []
    [theirs] = older.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'theirs'")
    assert theirs == ("sentinel",)
    assert ensure(older) == []


def test_powers_are_taken_away(server):
    """Attributes, memberships, the right to make tables and schemas."""
    ensure(server)
    server.sql(
        f"ALTER ROLE {APP} SUPERUSER CREATEROLE VALID UNTIL '2001-01-01'",
        f"GRANT {OWNER}, pg_write_all_data TO {APP}",
        f"GRANT CREATE ON DATABASE sentinel TO {APP}, PUBLIC",
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
    )

    assert sorted(ensure(server)) == [
        "PUBLIC may not make schemas any more",
        "PUBLIC may not make tables in schema public any more",
        f"role {APP} is no member of pg_write_all_data any more",
        f"role {APP} is no member of {OWNER} any more",
        f"role {APP} may log in, and is no superuser",
        f"{APP} may not make schemas any more",
    ]
    assert_as_it_should_be(server)


def test_an_older_superuser_with_a_password_is_told_of(older):
    """At each run: it may do everything, and no process needs it."""
    older.sql("ALTER ROLE sentinel PASSWORD 'sentinel'")
    wanted = wanted_of(make_url(app_url(older)), make_url(owner_url(older)))
    for _ in range(2):
        lines: list[str] = []
        ensure_cluster(wanted, reach(older), lines.append)
        assert lines[-1].startswith("warning: superuser sentinel has a password")


@pytest.mark.parametrize("name", ["DATABASE_URL", "MIGRATION_DATABASE_URL"])
def test_the_superuser_is_no_role_of_ours(older, name):
    """It cannot stop being one; nothing is changed."""
    urls = {
        "DATABASE_URL": app_url(older),
        "MIGRATION_DATABASE_URL": owner_url(older),
        name: older.url("sentinel", "x" * 16),
    }
    wanted = wanted_of(*map(make_url, urls.values()))

    with pytest.raises(UnfitNamesError, match=f"^{name}: names sentinel, who is super"):
        ensure_cluster(wanted, reach(older), lambda _: None)

    made = older.sql("SELECT 1 FROM pg_roles WHERE rolname LIKE 'sentinel_%'")
    assert made == []


def test_a_superuser_of_another_name_is_named():
    """Without the name nobody is found, and who was tried is said."""
    with cluster("admin") as one, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPORT", str(one.port))
        with pytest.raises(ClusterError, match=r"postgres, sentinel, .* --superuser"):
            ensure(one)

        assert ensure(one, superuser="admin")
        with pytest.raises(ClusterError, match=rf": {APP}; name one by"):
            ensure(one, superuser=APP)


def test_a_server_that_comes_later_is_waited_for(older):
    """As at the first start of a container."""
    older.stop()
    pauses = []

    def start(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            older.start()

    assert ensure(older, wait_s=100, sleep=start)
    assert len(pauses) >= 2


def test_a_server_that_does_not_come(tmp_path):
    """The wait has an end, by its clock."""
    wanted = wanted_of(
        make_url(f"postgresql://a:{APPS}@db/x"),
        make_url(f"postgresql://b:{OWNERS}@db/x"),
    )
    times = iter([0.0, 1.0, 2.0, 3.0])
    pauses: list[float] = []
    where = Reach(str(tmp_path), None, 3.0, lambda: next(times), pauses.append)

    with pytest.raises(ServerAwayError, match="no server accepts") as caught:
        ensure_cluster(wanted, where, lambda _: None)

    assert caught.value.status == 75
    assert len(pauses) == 2


@pytest.mark.parametrize(
    ("app", "owner", "problem"),
    [
        ("postgresql://a@/x", None, "MIGRATION_DATABASE_URL: is missing"),
        ("postgresql://a@/x", "postgresql://a@/x", "names the role of DATABASE_URL"),
        ("postgresql://a@/x", "postgresql://b@/y", "names another database"),
        ("postgresql:///x", "postgresql://b@/x", "^DATABASE_URL: names no role"),
        ("sqlite:////x", "postgresql://b@/x", "^DATABASE_URL: names no database of P"),
        ("postgresql://a@/x", "sqlite:////x", "^MIGRATION_DATABASE_URL: names no data"),
    ],
)
def test_unfit_urls(app, owner, problem):
    """Exit status 78, before any server is asked."""
    with pytest.raises(UnfitNamesError, match=problem) as caught:
        wanted_of(make_url(app), make_url(owner) if owner else None)

    assert caught.value.status == 78


def test_passwords_are_not_shown():
    """Not where a traceback could show what was wanted."""
    wanted = wanted_of(
        make_url(f"postgresql://a:{OWNERS}@db/x"),
        make_url(f"postgresql://b:{OWNERS}@db/x"),
    )

    assert OWNERS not in repr(wanted)
