"""`sentinel db roles` as the one-shot container runs it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.support.clusters import cluster
from tests.support.databases import sql
from tests.support.environments import DATABASE_PASSWORD


@pytest.fixture(scope="module")
def server():
    with cluster("postgres") as one:
        yield one


def sentinel(*words, **environ):
    """Run the command with an environment of its own."""
    return subprocess.run(
        [sys.executable, "-m", "sentinel_netlab", *words],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", **environ},
    )


def urls(server, database):
    return {
        "DATABASE_URL": server.url("app_of_cli", DATABASE_PASSWORD, database),
        "MIGRATION_DATABASE_URL": server.url(
            "owner_of_cli", DATABASE_PASSWORD[::-1], database
        ),
        "PGPORT": str(server.port),
    }


def test_roles_then_migrate_then_status(server):
    """A line for each thing; at the second run one that nothing is to be done."""
    environ = urls(server, "whole")
    words = ("db", "roles", "--socket", str(server.socket), "--wait", "20")

    first = sentinel(*words, **environ)
    second = sentinel(*words, **environ)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert "sentinel: role owner_of_cli made\n" in first.stderr
    assert second.stderr == (
        "sentinel: the roles of database whole are as they should be\n"
    )
    assert DATABASE_PASSWORD not in first.stderr + first.stdout
    assert sentinel("migrate", **environ).returncode == 0
    assert sentinel("db", "status", **environ).returncode == 0
    assert sql(environ["DATABASE_URL"], "SELECT count(*) FROM alerts") == [(0,)]


def test_settings_that_will_not_do(server):
    """78, one line, no value."""
    environ = urls(server, "never")
    owner = environ.pop("MIGRATION_DATABASE_URL")

    missing = sentinel("db", "roles", **environ)
    same = sentinel("db", "roles", **{**environ, "DATABASE_URL": owner,
                                      "MIGRATION_DATABASE_URL": owner})  # fmt: skip

    assert (missing.returncode, same.returncode) == (78, 78)
    assert missing.stderr == "sentinel: MIGRATION_DATABASE_URL: is missing\n"
    assert same.stderr.startswith("sentinel: MIGRATION_DATABASE_URL: names the role")
    assert DATABASE_PASSWORD[::-1] not in same.stderr


def test_a_server_that_does_not_come(server, tmp_path):
    """75, so that somebody may try again."""
    done = sentinel(
        *("db", "roles", "--socket", str(tmp_path), "--wait", "0"),
        **urls(server, "never"),
    )

    assert done.returncode == 75
    assert done.stderr.startswith("sentinel: no server accepts connections at ")


def test_nobody_is_superuser(server):
    """1, with the option that would help."""
    done = sentinel(
        *("db", "roles", "--socket", str(server.socket), "--superuser", "nobody"),
        **urls(server, "never"),
    )

    assert done.returncode == 1
    assert done.stderr.endswith(": nobody; name one by --superuser\n")
