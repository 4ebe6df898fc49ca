"""
What docs/prod tells an operator to type in a stack that runs, and what it says then.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator

import pytest
from tests.support.stack import Stack, until

UNKNOWN = "UPDATE alembic_version SET version_num = 'fffffffffff0'"
KNOWN_AGAIN = (
    "UPDATE alembic_version SET version_num = (SELECT revision FROM schema_compat)"
)
CODE = r"(?:[a-z0-9]{6}-){3}[a-z0-9]{6}"


def code_of(stack: Stack) -> str | None:
    """Why `/readyz` says 503; None: it does not."""
    found = stack.request("GET", "/readyz")
    return None if found.status_code == 200 else str(found.json()["code"])


# --- after the first start ---


@pytest.mark.parametrize(
    "command",
    ["curl http://localhost/api/v1/health", "curl http://localhost/readyz"],
)
def test_it_serves_now(stack: Stack, command: str) -> None:
    """`{"status":"ok"}`, on port 80."""
    assert json.loads(stack.typed_inside(command).stdout) == {"status": "ok"}


def test_the_first_people(stack: Stack) -> None:
    """A token is shown once, and opens what its role may."""
    made = stack.typed(
        "docker compose exec controller sentinel token create anna --role admin"
    )
    token = re.findall(r"^snl_api_\w+", made.output, re.MULTILINE)[0]
    listed = stack.typed("docker compose exec controller sentinel token list").stdout
    told = stack.typed_inside(
        "curl --insecure https://localhost/api/v1/me"
        f' -H "Authorization: Bearer {token}"'
    ).stdout

    assert "anna\tadmin\tall sites\tgood" in listed
    assert token not in listed
    assert json.loads(told)["role"] == "admin"


def test_a_sensor_is_enrolled(stack: Stack) -> None:
    """A code, good once, for 24 hours."""
    told = stack.typed("docker compose exec controller sentinel sensors enroll attic")
    listed = stack.typed("docker compose exec controller sentinel sensors list").stdout

    assert re.search(rf"^{CODE}\s*$", told.output, re.MULTILINE)
    assert "within 24 h" in told.output
    assert "attic\tenrolled\tdefault\thas not joined" in listed


def test_access_log_names_client_and_proxy(stack: Stack) -> None:
    """From the host itself the client is the gateway: Docker hides it."""
    stack.status("/api/v1/me?of=access-log")
    lines = stack.typed("docker compose logs controller").stdout.splitlines()
    line = json.loads(
        next(
            text[text.index("{") :]
            for text in reversed(lines)
            if '"/api/v1/me"' in text and '"Access Log"' in text
        )
    )

    assert line["peer"] == stack.setting("TRUSTED_PROXY_CIDRS")
    assert line["trusted"] is True
    assert line["ip"] == gateway_of_edge(stack)


def gateway_of_edge(stack: Stack) -> str:
    """What Docker shows instead of who asks from the host."""
    found = json.loads(
        stack.engine.docker("network", "inspect", "sentinel-netlab_edge")
    )
    return str(found[0]["IPAM"]["Config"][0]["Gateway"])


# --- drift ---


def test_drift_is_told_and_put_right(stack: Stack) -> None:
    """503 `schema_drift`, line by line; ready again without a restart."""
    stack.sql("DROP INDEX ix_alerts_severity; CREATE TABLE of_others (id int)")
    until(lambda: code_of(stack) == "schema_drift", 90, "drifted")
    told = stack.typed(
        "docker compose exec controller sentinel db check", status=1
    ).stdout
    until(lambda: "ix_alerts_severity" in logged(stack), 10, "logged")
    [statement] = re.findall(
        r"^CREATE INDEX.*ix_alerts_severity.*$", told, re.MULTILINE
    )

    assert "drift: " in told
    assert "not ours: table of_others" in told
    assert stack.status("/api/v1/health") == 200
    stack.typed("docker compose exec postgres psql -U postgres -d sentinel")
    stack.sql(f"DROP TABLE of_others; SET ROLE sentinel_owner; {statement}")
    stack.until_ready()


def logged(stack: Stack) -> str:
    """What the controller says of its readiness."""
    lines = stack.typed("docker compose logs controller").stdout.splitlines()
    return "\n".join(line for line in lines if '"Readiness"' in line)


def test_state_of_the_database(stack: Stack) -> None:
    """Also where no controller runs."""
    told = stack.typed("docker compose run --rm migration sentinel db status").stdout

    assert "state     Ready" in told


# --- certificates ---


def test_renewal_needs_no_restart(stack: Stack) -> None:
    """The certificate is another one, nginx the same."""
    [nginx] = stack.containers("nginx")
    began = stack.inspect(nginx)["State"]["StartedAt"]
    stack.typed(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90"
        " -subj /CN=wids.example -addext subjectAltName=DNS:wids.example"
        " -keyout ops/certs/tls.key -out ops/certs/tls.crt"
    )
    stack.typed("chgrp 10001 ops/certs/tls.key")
    stack.typed("chmod 640 ops/certs/tls.key")
    stack.typed("docker compose up -d certificate")
    until(lambda: "is the given one" in stack.logs("certificate"), 30, "looked at")
    stack.typed("docker compose exec nginx nginx -s reload")
    given = (stack.folder / "ops/certs/tls.crt").read_text()

    def served() -> bytes:
        pem = stack.place.call(ssl.get_server_certificate, ("127.0.0.1", 443))
        return ssl.PEM_cert_to_DER_cert(pem)

    until(lambda: served() == ssl.PEM_cert_to_DER_cert(given), 30, "served")
    assert stack.inspect(nginx)["State"]["StartedAt"] == began


# --- queue, audit, retention ---


def test_dead_jobs_are_listed_and_retried(stack: Stack) -> None:
    """With what went wrong; a job is queued again."""
    stack.sql(
        "INSERT INTO sensors (id, status, key_version) VALUES ('yard', 'enrolled', 1)"
        " ON CONFLICT DO NOTHING;"
        "INSERT INTO ingest_jobs (job_id, sensor_id, batch_id, received_at, status,"
        " attempts, error_msg) VALUES ('yard:b1', 'yard', 'b1', now(), 'dead', 8,"
        " 'no batch'), ('yard:b2', 'yard', 'b2', now(), 'dead', 8, 'no batch')"
    )
    listed = stack.typed(
        "docker compose exec controller sentinel queue list --status dead"
    ).stdout
    one = stack.typed("docker compose exec controller sentinel queue retry yard:b1")
    rest = stack.typed("docker compose exec controller sentinel queue retry --all")

    assert listed.count("no batch") == 2
    assert "1 job is queued again" in one.stdout
    assert "queued again" in rest.stdout


def test_the_audit_log_is_whole(stack: Stack) -> None:
    """A head that was kept is still in it."""
    told = stack.typed("docker compose exec controller sentinel audit verify").stdout
    head = re.findall(r"head (\d+:[0-9a-f]{64})", told)[0]
    again = stack.typed(
        f"docker compose exec controller sentinel audit verify --anchor {head}"
    ).stdout

    assert "the audit log is whole" in told
    assert "the audit log is whole" in again


def test_retention_of_adopted_rows_is_asked_for(stack: Stack) -> None:
    """A line for each table."""
    told = stack.typed(
        "docker compose exec worker sentinel db retention --include-adopted"
    ).stdout

    assert "telemetry\t0" in told


# --- scaling, troubleshooting ---


def test_scaling_holds_for_one_start(stack: Stack) -> None:
    """Three and four; a start that does not say so goes back to one."""
    stack.typed("docker compose up -d --scale controller=3 --scale worker=4")
    assert len(stack.containers("controller")) == 3
    assert len(stack.containers("worker")) == 4

    stack.typed("docker compose up -d")
    assert len(stack.containers("controller")) == 1
    stack.until_ready()


def test_stuck_starting_is_told(stack: Stack) -> None:
    """The exit status and the reason, by the guide's two commands."""
    stack.typed("docker compose stop controller worker nginx")
    stack.sql(UNKNOWN)
    stack.typed("docker compose up -d", status=1)
    shown = stack.typed("docker compose ps -a").stdout
    told = stack.typed("docker compose logs migration").stdout

    assert re.search(r"migration.*Exited \(4\)", shown)
    assert "which this version does not know" in told
    stack.sql(KNOWN_AGAIN)
    stack.typed("docker compose up -d")
    stack.until_ready()


# --- another version ---

NEXT = "0.1.77"


@pytest.fixture
def upgraded(stack: Stack) -> Iterator[Stack]:
    """The settings name a newer version; the one before serves."""
    before = stack.setting("SENTINEL_VERSION")
    image = "localhost/sentinel-netlab"
    stack.engine.docker("tag", f"{image}:{before}", f"{image}:{NEXT}")
    stack.set("SENTINEL_VERSION", NEXT)
    yield stack
    stack.set("SENTINEL_VERSION", before)
    stack.typed("docker compose up -d")
    stack.until_ready()
    stack.engine.docker("image", "rm", f"{image}:{NEXT}")


def test_migration_runs_first_while_the_old_version_goes_on(upgraded: Stack) -> None:
    """The job of the new version alone."""
    before = upgraded.containers("controller")
    told = upgraded.typed(
        "docker compose -f ops/docker-compose.prod.yml run --rm migration"
    ).output

    assert "nothing to migrate" in told
    assert upgraded.containers("controller") == before
    assert upgraded.status("/readyz") == 200


def test_an_upgrade_that_fails_leaves_nobody_who_serves(upgraded: Stack) -> None:
    """Until somebody goes back: 503 `unavailable` meanwhile."""
    upgraded.sql(UNKNOWN)
    try:
        upgraded.typed("docker compose up -d", status=1)
        assert upgraded.containers("controller") == []
        assert code_of(upgraded) == "unavailable"
    finally:
        upgraded.sql(KNOWN_AGAIN)


# --- another network ---


def test_front_subnet_is_changed(stack: Stack) -> None:
    """Data stay."""
    before = stack.sql("SELECT count(*) FROM audit_log")
    stack.set("SENTINEL_FRONT_SUBNET", "10.213.7.0/24")
    stack.set("SENTINEL_FRONT_RANGE", "10.213.7.128/25")
    stack.set("SENTINEL_PROXY_ADDRESS", "10.213.7.2")
    stack.set("TRUSTED_PROXY_CIDRS", "10.213.7.2")
    stack.typed("docker compose down")
    stack.typed("docker compose up -d")
    stack.until_ready()

    assert stack.sql("SELECT count(*) FROM audit_log") == before
