"""
The looks that docs/prod tells an operator to take: what is so, and what is wrong.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator

import pytest
from tests.support.stack import Stack, until


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("docker compose logs --tail 50", r"Access Log"),
        ("docker compose logs controller worker", r'"Readiness".*|"Schema Ready"'),
        ("docker compose logs roles", r"the settings are complete"),
        ("docker compose logs nginx", r"Edge Log|start worker"),
        ("docker compose logs postgres", r"ready to accept connections"),
        ("docker compose logs worker", r"Worker Started"),
        ("docker compose logs certificate", r"self-signed"),
        ("docker compose ps worker", r"worker.*healthy"),
        ("docker compose exec nginx nginx -T", r"proxy_pass"),
        ("docker compose exec nginx id", r"uid=101.* gid=10001"),
        ("docker compose exec controller id", r"uid=10001\(sentinel\) gid=10001"),
        ("docker compose exec controller sentinel --version", r"sentinel \d+\.\d+"),
        (
            "docker compose exec controller sentinel config show",
            r"CONTROLLER_HMAC_SECRET +set \(\d+ characters\)",
        ),
        (
            (
                "docker compose exec controller sentinel queue list"
                " --status queued --limit 5"
            ),
            r"^",
        ),
        (
            "docker compose exec postgres df -h /var/lib/postgresql/data",
            r"/var/lib/postgresql/data",
        ),
        ("docker system df", r"Local Volumes"),
        ("docker stats --no-stream", r"sentinel-netlab-controller-1"),
        (
            'docker compose ps --format "{{.Service}} {{.Ports}}"',
            r"nginx .*443->8443/tcp",
        ),
        (
            'docker network inspect --format "{{.Internal}}" sentinel-netlab_database',
            r"^true",
        ),
        (
            'docker network inspect --format "{{.Internal}}" sentinel-netlab_front',
            r"^true",
        ),
        (
            (
                "docker network inspect sentinel-netlab_edge"
                ' --format "{{(index .IPAM.Config 0).Gateway}}"'
            ),
            r"^\d+\.\d+\.\d+\.\d+$",
        ),
        (
            (
                "docker compose exec postgres psql -U postgres -d sentinel -c"
                ' "SELECT relname, pg_size_pretty(pg_total_relation_size(oid))'
                " FROM pg_class WHERE relkind = 'r'"
                ' ORDER BY pg_total_relation_size(oid) DESC LIMIT 5"'
            ),
            r"kB|bytes",
        ),
        (
            (
                "docker compose exec postgres psql -U postgres -d sentinel -c"
                ' "SELECT pid, application_name, state, now() - query_start AS took,'
                " wait_event FROM pg_stat_activity WHERE state <> 'idle'"
                ' ORDER BY took DESC LIMIT 10"'
            ),
            r"psql",
        ),
    ],
)
def test_it_shows(stack: Stack, command: str, told: str) -> None:
    """What the page says that it shows."""
    assert re.search(told, stack.typed(command).output, re.MULTILINE)


def test_only_nginx_has_ports_of_the_host(stack: Stack) -> None:
    """Of all services."""
    lines = stack.typed('docker compose ps --format "{{.Service}} {{.Ports}}"').stdout

    published = [line.split()[0] for line in lines.splitlines() if "->" in line]
    assert published == ["nginx"]


def test_processes_may_do_little(stack: Stack) -> None:
    """Their own users, read-only, without capabilities and new privileges."""
    lines = stack.typed(
        'docker inspect --format "{{.Name}} {{.Config.User}}'
        " read-only={{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}"
        ' {{.HostConfig.SecurityOpt}} privileged={{.HostConfig.Privileged}}"'
        " sentinel-netlab-controller-1 sentinel-netlab-worker-1"
        " sentinel-netlab-nginx-1 sentinel-netlab-postgres-1"
    ).stdout.splitlines()

    assert len(lines) == 4
    for line in lines:
        assert line.endswith(
            "read-only=true [ALL] [no-new-privileges:true] privileged=false"
        )


def test_neither_role_is_a_superuser(stack: Stack) -> None:
    """Nor may it make roles or databases."""
    told = stack.typed(
        "docker compose exec postgres psql -U postgres -d sentinel -c"
        ' "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles'
        " WHERE rolname LIKE 'sentinel%'\""
    ).stdout

    assert re.search(r"sentinel_app +\| f +\| f +\| f", told)
    assert re.search(r"sentinel_owner +\| f +\| f +\| f", told)


def test_the_controller_has_no_password_of_others(stack: Stack) -> None:
    """The last command finds nothing, and says so by 1."""
    told = stack.typed(
        "docker compose exec controller env"
        ' | grep -E "^(MIGRATION_DATABASE_URL|POSTGRES_PASSWORD)=."',
        status=1,
    )

    assert told.stdout == ""


def test_a_controller_has_no_way_out(stack: Stack) -> None:
    """Its networks are internal: no route leads out of them."""
    [controller] = stack.containers("controller")
    routes = stack.engine.docker("exec", controller, "cat", "/proc/net/route")

    assert len(routes.splitlines()) > 1
    assert not re.search(r"^\w+\t00000000\t", routes, re.MULTILINE)


def test_modes_of_what_is_secret(stack: Stack) -> None:
    """A line for each."""
    stack.env_file.chmod(0o600)
    told = stack.typed(
        'stat -c "%a %U:%G %n" ops/.env ops/certs ops/secrets/*'
    ).stdout.splitlines()

    assert re.fullmatch(r"600 \S+ ops/\.env", told[0])
    assert len(told) == 5
    assert stat.S_IMODE(stack.env_file.stat().st_mode) == 0o600


def test_why_a_container_ended(stack: Stack) -> None:
    """Status, and whether memory was short."""
    [controller] = stack.containers("controller")
    told = stack.typed(
        'docker inspect --format "{{.State.ExitCode}} {{.State.OOMKilled}}"'
        f" {controller}"
    ).stdout

    assert told.split() == ["0", "false"]


def test_what_is_served_and_until_when(stack: Stack) -> None:
    """Subject and dates of the certificate."""
    told = stack.typed_inside(
        "openssl s_client -connect localhost:443 </dev/null"
        " | openssl x509 -noout -subject -dates"
    ).stdout

    assert "self-signed" in told
    assert "notAfter=" in told


def test_secrets_of_a_stack_that_runs(stack: Stack) -> None:
    """They are still in the containers."""
    told = stack.typed(
        "docker compose exec controller printenv CONTROLLER_HMAC_SECRET"
    ).stdout

    assert told.strip() == stack.setting("CONTROLLER_HMAC_SECRET")


def test_a_token_is_revoked(stack: Stack) -> None:
    """By its id, the first column of the list."""
    stack.token()
    listed = stack.compose("exec -T controller sentinel token list").stdout
    token = listed.split("\t")[0]
    told = stack.typed(
        f"docker compose exec controller sentinel token revoke {token}"
    ).stdout

    assert "is revoked" in told


def test_a_sensor_is_shut_out_and_replaced(stack: Stack) -> None:
    """The keys of before open nothing from `enroll` on."""
    stack.sql(
        "INSERT INTO sensors (id, status, key_version) VALUES ('roof', 'online', 3)"
    )
    stack.typed("docker compose exec controller sentinel sensors disable roof")
    stack.typed("docker compose exec controller sentinel sensors enroll roof --again")
    stack.typed("docker compose exec controller sentinel sensors enable roof")

    oldest = "SELECT oldest_key_version FROM sensors WHERE id = 'roof'"
    assert stack.sql(oldest) == "4"


def test_retention_by_the_workers_settings(stack: Stack) -> None:
    """The controller does not have them."""
    stack.set("RETENTION_TELEMETRY_DAYS", "7")
    stack.typed("docker compose up -d")
    told = stack.typed("docker compose exec worker sentinel config show").stdout
    done = stack.typed("docker compose exec worker sentinel db retention").stdout

    assert re.search(r"RETENTION_TELEMETRY_DAYS +7 ", told)
    assert "telemetry\t0" in done


def test_a_backup_has_a_name(stack: Stack) -> None:
    """tests/stack/test_backup.py says what is in it."""
    assert re.search(r"sentinel-\w+\.dump$", stack.typed("ops/backup.sh").stdout)


def test_a_controller_is_restarted(stack: Stack) -> None:
    """It drains, and comes back."""
    stack.typed("docker compose restart controller")
    stack.until_ready()


def test_lost_passwords_are_written_anew(stack: Stack) -> None:
    """`roles` sets them without the old ones."""
    for name, role in (
        ("DATABASE_URL", "sentinel_app"),
        ("MIGRATION_DATABASE_URL", "sentinel_owner"),
    ):
        new = f"postgresql://{role}:{name.lower()}-4f9a1c77e0b2@postgres/sentinel"
        stack.set(name, new)
    stack.set("CONTROLLER_SECRET_KEY", "0123456789abcdefghijklmnopqrstuvwxyz")
    stack.typed("docker compose up -d")
    stack.until_ready()

    assert "has the password of its URL" in stack.logs("roles")


@pytest.fixture
def monitored(stack: Stack) -> Iterator[Stack]:
    """With Prometheus."""
    stack.typed("docker compose --profile monitoring up -d")
    yield stack
    stack.typed("docker compose stop prometheus")


def test_prometheus_is_looked_at_without_a_port(monitored: Stack) -> None:
    """By promtool inside of it, and at an address that the host reaches."""

    def found(query: str = "ready") -> str:
        return monitored.typed(
            f"docker compose exec prometheus promtool query instant"
            f" http://localhost:9090 {query}"
        ).stdout

    until(lambda: 'job="controller"' in found(), 60, "measured")
    assert 'job="worker"' in found()
    monitored.typed(
        "docker compose exec prometheus promtool query instant"
        " http://localhost:9090 ALERTS"
    )
    address = monitored.typed(
        "docker inspect --format"
        ' "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"'
        " sentinel-netlab-prometheus-1"
    ).stdout.strip()
    rules = monitored.typed_inside(f"curl -s http://{address}:9090/api/v1/rules")
    groups = json.loads(rules.stdout)["data"]["groups"]
    assert len(groups) > 3
    assert "9090" not in monitored.typed("docker compose ps prometheus").stdout[-20:]
