"""
Containers may do what their work needs, and no more (I13).
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.containers import process_of
from tests.support.edge import image_of
from tests.support.engine import FAR, Place
from tests.support.stack import PROJECT, Stack

SERVED = ("postgres", "controller", "worker", "nginx", "prometheus")
ONCE = ("roles", "migration", "certificate")
OURS = ("controller", "worker", *ONCE)
POSTGRES_NEEDS = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}
NO_RIGHT = "42501"  # insufficient_privilege
PORTS = {
    "postgres": ("postgres", "database", 5432),
    "controller": ("controller", "front", 8000),
    "metrics": ("controller", "metrics", 9464),
}
MAY_REACH = {
    "postgres": set(),
    "controller": {"postgres", "controller", "metrics"},
    "worker": {"postgres", "metrics", "outside"},
    "nginx": {"controller", "outside"},
    "prometheus": {"metrics"},
}
"""Of `PORTS` and the world outside; every container reaches itself."""
_TRY = """
import json, os, psycopg, sys
c = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
for statement in json.load(sys.stdin):
    try:
        print("done" if c.execute(statement) else "")
    except psycopg.Error as error:
        print(error.sqlstate)
"""


@pytest.fixture(scope="module")
def whole(stack: Stack) -> Stack:
    """The stack with its monitoring."""
    stack.compose("--profile monitoring up -d")
    stack.until_ready()
    return stack


@pytest.fixture
def listener(client: Place) -> Iterator[int]:
    """A port of the machine outside, which takes connections."""
    with closing(client.call(socket.create_server, (FAR, 0))) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize("service", [*SERVED, *ONCE])
def test_container_is_hardened(whole: Stack, service: str) -> None:
    """Read-only, no capabilities, no new privileges, bounded, with an init."""
    [one] = whole.containers(service, every=True)
    host = whole.inspect(one)["HostConfig"]

    assert host["ReadonlyRootfs"] is True
    assert host["Privileged"] is False
    assert host["CapDrop"] == ["ALL"]
    added = {name.removeprefix("CAP_") for name in host["CapAdd"] or []}
    assert added == (POSTGRES_NEEDS if service == "postgres" else set())
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Init"] is True
    assert 0 < host["PidsLimit"] <= 512
    assert 0 < host["Memory"] <= 2 << 30
    assert {"noexec", "nosuid", "nodev"} <= set(host["Tmpfs"]["/tmp"].split(","))  # noqa: S108  # in the container
    assert not host["Devices"]
    assert "host" not in (host["NetworkMode"], host["PidMode"], host["IpcMode"])


@pytest.mark.parametrize("service", [*SERVED, *ONCE])
def test_files_of_the_host_are_read_only(whole: Stack, service: str) -> None:
    """Volumes are written by their owners; the engine's socket is with nobody."""
    [one] = whole.containers(service, every=True)
    mounts = whole.inspect(one)["Mounts"]

    assert all(not each["RW"] for each in mounts if each["Type"] == "bind")
    assert "docker.sock" not in json.dumps(mounts)
    written = {each["Name"] for each in mounts if each["RW"] and "Name" in each}
    assert {name.removeprefix(f"{PROJECT}_") for name in written} == {
        "postgres": {"postgres-data", "postgres-socket"},
        "roles": {"postgres-socket"},
        "worker": {"alerts"},
        "certificate": {"certificate"},
        "prometheus": {"prometheus-data"},
    }.get(service, set())


@pytest.mark.parametrize("service", SERVED)
def test_main_process_is_not_root(whole: Stack, service: str) -> None:
    """No id of it is 0, it has no capability, and can get none."""
    [one] = whole.containers(service)
    text = Path(f"/proc/{process_of(whole, one)}/status").read_text()
    status = dict(re.findall(r"^(\w+):\t(.*)$", text, re.MULTILINE))

    for kind in ("Uid", "Gid"):
        ids = {int(each) for each in status[kind].split()}
        assert 0 not in ids
        if service in OURS:
            assert ids == {10_001}
    assert int(status["CapEff"], 16) == 0
    assert int(status["CapPrm"], 16) == 0
    assert status["NoNewPrivs"] == "1"


@pytest.mark.parametrize("service", SERVED)
def test_root_is_read_only_from_inside(whole: Stack, service: str) -> None:
    """Nothing can be left there, and what lies in /tmp is not run."""
    inside = f"exec -T {service} sh -c"
    for folder in ("/", "/etc", "/usr", "/var"):
        tried = whole.compose(f"{inside} ': > {folder}/left'", status=None)
        assert tried.status != 0
        assert "Read-only" in tried.output, tried.output
    laid = "cd /tmp && printf '#!/bin/sh\\necho ran' > laid && chmod 755 laid && ./laid"
    tried = whole.compose(f'{inside} "{laid}"', status=None)
    assert "ran" not in tried.stdout.split()
    assert "ermission denied" in tried.output, tried.output


def test_networks_are_internal(whole: Stack) -> None:
    """But those of nginx to its clients, and of the worker to webhooks and syslog."""
    names = whole.engine.docker("network", "ls", "--format", "{{.Name}}").split()
    ours = [name for name in names if name.startswith(f"{PROJECT}_")]
    found = {
        name.removeprefix(f"{PROJECT}_"): json.loads(
            whole.engine.docker("network", "inspect", name)
        )[0]["Internal"]
        for name in ours
    }

    assert found == {
        "edge": False,
        "outward": False,
        "front": True,
        "database": True,
        "metrics": True,
    }
    for service in ("roles", "certificate"):
        [one] = whole.containers(service, every=True)
        assert whole.inspect(one)["HostConfig"]["NetworkMode"] == "none"


@pytest.mark.parametrize("service", SERVED)
def test_who_can_reach_whom(whole: Stack, listener: int, service: str) -> None:
    """Nginx not the database, the controller not the world; from each one's network."""
    [one] = whole.containers(service)
    namespace = Path(f"/proc/{whole.inspect(one)['State']['Pid']}/ns/net")
    targets = {
        name: (_address(whole, holder, network), port)
        for name, (holder, network, port) in PORTS.items()
    } | {"outside": (FAR, listener)}
    place = Place(namespace)
    reached = {name for name, each in targets.items() if place.call(_connects, each)}
    place.close()

    itself = {name for name, (holder, *_) in PORTS.items() if holder == service}
    assert reached - itself == MAY_REACH[service] - itself


def test_files_of_the_database_are_closed_to_the_controller(whole: Stack) -> None:
    """It sees how much room is left there, and not one name."""
    folder = "/var/lib/sentinel/database"
    for command in (f"ls {folder}", f"cat {folder}/PG_VERSION", f"touch {folder}/a"):
        tried = whole.compose(f"exec -T controller {command}", status=None)
        assert tried.status != 0
        assert re.search("Permission denied|Read-only", tried.output), tried.output
    look = f'import shutil; shutil.disk_usage("{folder}")'
    whole.compose(f"exec -T controller python -c '{look}'")
    assert whole.compose("exec -T postgres cat /var/lib/postgresql/data/PG_VERSION")


def test_role_of_the_app_works_with_rows_alone(whole: Stack) -> None:
    """It makes, changes and drops nothing, and is nobody on the server."""
    denied = [
        "CREATE TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "DROP TABLE telemetry",
        "ALTER TABLE telemetry ADD COLUMN mine int",
        "TRUNCATE audit_log",
        "DELETE FROM audit_log",
        "UPDATE alembic_version SET version_num = 'mine'",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY sites TO PROGRAM 'cat'",
        "SET ROLE sentinel_owner",
        "ALTER SYSTEM SET fsync = off",
    ]
    asked = json.dumps(["SELECT count(*) FROM telemetry", *denied])
    command = f"docker compose exec -T controller python -c '{_TRY}'"
    script = asked.replace("'", "'\\''")
    done = whole.typed(f"echo '{script}' | {command}")

    assert done.stdout.split() == ["done", *[NO_RIGHT] * len(denied)]


def test_roles_of_the_stack_are_no_superusers(whole: Stack) -> None:
    powers = "rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
    roles = "rolname IN ('sentinel_app', 'sentinel_owner')"
    rows = whole.sql(f"SELECT {powers} FROM pg_roles WHERE {roles}").splitlines()  # noqa: S608  # ours

    assert rows == ["f|f|f|f|f"] * 2


def test_secrets_go_to_those_who_need_them(whole: Stack) -> None:
    """Without files, too: nobody has a secret that is not for their work."""
    app = {"CONTROLLER_SECRET_KEY", "CONTROLLER_HMAC_SECRET"}
    names = (*app, "DATABASE_URL", "MIGRATION_DATABASE_URL", "POSTGRES_PASSWORD")
    may = {
        "postgres": {"POSTGRES_PASSWORD"},
        "controller": {*app, "DATABASE_URL"},
        "worker": {"DATABASE_URL"},
    }
    for service in (*SERVED, "certificate"):
        [one] = whole.containers(service, every=True)
        given = dict(
            each.split("=", 1) for each in whole.inspect(one)["Config"]["Env"] or []
        )
        has = {name for name in names if given.get(name)}
        assert has == may.get(service, set()), service


def test_image_says_what_it_is_of(whole: Stack) -> None:
    """Version and commit are labels; no secrets, tests, or tools to install with."""
    tag = "localhost/sentinel-netlab:labelled"
    whole.typed(
        "docker build -q -f ops/docker/Dockerfile --build-arg SENTINEL_VERSION=1.2.3"
        f" --build-arg SENTINEL_COMMIT=0123abc -t {tag} ."
    )
    told = json.loads(whole.engine.docker("image", "inspect", tag))[0]["Config"]
    whole.engine.docker("image", "rm", tag)

    labels = {name.rpartition(".")[2]: text for name, text in told["Labels"].items()}
    assert (labels["version"], labels["revision"]) == ("1.2.3", "0123abc")
    assert told["User"] == "10001:10001"
    assert not told["Entrypoint"]


@pytest.mark.parametrize("pattern", [".env*", ".git*", "proxy_vectors.json", "pip"])
def test_image_holds_no(whole: Stack, pattern: str) -> None:
    """Settings, history, tests, installers."""

    def find(name: str) -> list[str]:
        return whole.typed(
            f"docker run --rm {image_of(whole)}"
            f" find /app /opt /home /root /srv /tmp -name '{name}'",
            status=None,
        ).stdout.split()

    assert find("alembic.ini") == ["/app/alembic.ini"]
    assert find(pattern) == []


def _address(stack: Stack, service: str, network: str) -> str:
    [one] = stack.containers(service)
    networks = stack.inspect(one)["NetworkSettings"]["Networks"]
    return str(networks[f"{PROJECT}_{network}"]["IPAddress"])


def _connects(target: tuple[str, int]) -> bool:
    try:
        socket.create_connection(target, timeout=5).close()
    except OSError:
        return False
    return True
