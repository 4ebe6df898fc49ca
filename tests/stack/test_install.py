"""
Fresh install: two steps, and everything that must stop it.
"""

from __future__ import annotations

import json
import ssl
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.support.stack import COMPOSE, Stack

EX_CONFIG = 78


@pytest.fixture
def prepared(fresh: Stack) -> Stack:
    """After the guide's first step."""
    fresh.typed("cp ops/.env.prod.example ops/.env")
    fresh.fill_in_secrets()
    return fresh


def test_two_steps_serve(prepared: Stack) -> None:
    """Copy the example, edit the secrets, start: the stack is ready."""
    prepared.typed("docker compose -f ops/docker-compose.prod.yml up -d")
    prepared.until_ready()

    assert prepared.status("/api/v1/health", scheme="http") == 200
    assert prepared.status("/readyz", scheme="http") == 200
    told = prepared.logs("certificate")
    assert "self-signed" in told


def test_migration_comes_first_and_exits_0(prepared: Stack) -> None:
    """`migration` has ended with 0 before the controller and the worker began."""
    prepared.up()

    [migration] = prepared.containers("migration", every=True)
    ended = prepared.inspect(migration)["State"]
    assert ended["Status"] == "exited"
    assert ended["ExitCode"] == 0
    for service in ("controller", "worker"):
        [one] = prepared.containers(service)
        assert prepared.inspect(one)["State"]["StartedAt"] > ended["FinishedAt"]


@pytest.mark.parametrize(
    "name",
    ["DATABASE_URL", "MIGRATION_DATABASE_URL", "CONTROLLER_SECRET_KEY",
     "CONTROLLER_HMAC_SECRET", "POSTGRES_PASSWORD"],
)  # fmt: skip
def test_missing_secret_stops_the_start_and_is_named(prepared: Stack, name) -> None:
    prepared.set(name, None)
    done = prepared.compose("up -d", status=None)

    assert done.status != 0
    assert name in prepared.logs(), done.output
    assert prepared.containers("controller") == []
    assert prepared.status("/readyz", scheme="http") in (None, 503)


def test_every_problem_is_named_at_once(prepared: Stack) -> None:
    """Wrong values, placeholders and names that nobody knows; values are not shown."""
    prepared.set("TRUSTED_PROXY_CIDRS", "10.231.64.0/33")
    prepared.set("CONTROLLER_SECRET_KEY", "change-me-1-openssl-rand-base64-48")
    prepared.set("SENTINEL_LOG_LEVLE", "debug")
    prepared.set("RETENTION_TELEMETRY_DAYS", "many-days")
    done = prepared.compose("up -d", status=None)

    assert done.status != 0
    told = prepared.logs("roles")
    for name in (
        "TRUSTED_PROXY_CIDRS", "CONTROLLER_SECRET_KEY", "SENTINEL_LOG_LEVLE",
        "RETENTION_TELEMETRY_DAYS",
    ):  # fmt: skip
        assert name in told
    assert "many-days" not in told
    [roles] = prepared.containers("roles", every=True)
    assert prepared.inspect(roles)["State"]["ExitCode"] == EX_CONFIG
    assert prepared.containers("controller") == []


def test_the_example_as_it_is_does_not_start(fresh: Stack) -> None:
    """Placeholders are no secrets."""
    fresh.typed("cp ops/.env.prod.example ops/.env")
    done = fresh.compose("up -d", status=None)

    assert done.status != 0
    assert "placeholder" in fresh.logs()
    assert fresh.containers("controller") == []


def test_failing_migration_keeps_the_api_down(prepared: Stack) -> None:
    """A database at a revision that nobody knows: exit 4, and nothing after it."""
    prepared.compose("up -d migration")
    prepared.compose("wait migration", status=None)
    prepared.sql("UPDATE alembic_version SET version_num = 'fffffffffff0'")
    done = prepared.compose("up -d", status=None)

    assert done.status != 0
    [migration] = prepared.containers("migration", every=True)
    assert prepared.inspect(migration)["State"]["ExitCode"] == 4
    assert prepared.containers("controller") == []
    assert prepared.status("/readyz", scheme="http") == 503


def test_eight_migrations_at_once(prepared: Stack) -> None:
    """All end with 0; one of them did the work."""
    prepared.compose("up -d --wait postgres")
    prepared.compose("up roles")
    command = f"{COMPOSE} run --rm --no-deps -T migration"
    with ThreadPoolExecutor(8) as threads:
        ended = list(threads.map(lambda _: prepared.typed(command), range(8)))

    assert sum("migrated from nothing" in one.output for one in ended) == 1
    assert sum("nothing to migrate" in one.output for one in ended) == 7
    prepared.up()


def test_short_and_long_commands_mean_the_same(prepared: Stack) -> None:
    """From the project's root, with and without `-f`: one model, one project."""
    long = json.loads(prepared.compose("config --format json").stdout)
    short = json.loads(prepared.typed("docker compose config --format json").stdout)

    own = {name for name in long if not name.startswith("x-")}
    assert {name: long[name] for name in own} == short


def test_given_certificate_is_served(prepared: Stack) -> None:
    """What lies in `ops/certs` is used, and no word of self-signed."""
    prepared.typed(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90"
        " -subj /CN=wids.example -addext subjectAltName=DNS:wids.example"
        " -keyout ops/certs/tls.key -out ops/certs/tls.crt"
        " && chmod 640 ops/certs/tls.key && chgrp 10001 ops/certs/tls.key"
    )
    prepared.up()

    served = prepared.place.call(ssl.get_server_certificate, ("127.0.0.1", 443))
    given = (prepared.folder / "ops/certs/tls.crt").read_text()
    assert ssl.PEM_cert_to_DER_cert(served) == ssl.PEM_cert_to_DER_cert(given)
    assert "self-signed" not in prepared.logs("certificate")


def test_unusable_certificate_stops_the_start(prepared: Stack) -> None:
    """A certificate without its key: said by name, and nobody serves."""
    (prepared.folder / "ops/certs/tls.crt").write_text("no certificate")
    done = prepared.compose("up -d", status=None)

    assert done.status != 0
    assert "tls.key" in prepared.logs("certificate")
    assert prepared.containers("controller") == []
    assert prepared.status("/readyz", scheme="http") is None
