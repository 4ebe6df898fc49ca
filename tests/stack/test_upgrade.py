"""
Upgrading: another version of the code and back under traffic, and scenario A.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile

import pytest
from tests.support.engine import Engine
from tests.support.releases import (
    NEXT_COLUMN,
    NEXT_HEAD,
    NEXT_VERSION,
    make_next_release,
)
from tests.support.stack import COMPOSE, Stack, copy_project, until
from tests.support.traffic import Counts, stored, traffic, until_worked_off

from sentinel_netlab import __version__
from sentinel_netlab.store.schema_state import our_history

SENSORS = ("roof", "gate", "yard")
COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = '{}'"


@pytest.fixture(scope="module")
def stack(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two replicas of this version; the image of the next one is there, too."""
    folder = tmp_path_factory.mktemp("upgrade") / "project"
    copy_project(folder)
    one = Stack(engine, folder)
    try:
        one.typed("cp ops/.env.prod.example ops/.env")
        one.fill_in_secrets()
        one.up("--scale controller=2")
        make_next_release(folder)
        one.set("SENTINEL_VERSION", NEXT_VERSION)
        one.compose("build -q migration")
        one.set("SENTINEL_VERSION", __version__)
        yield one
    finally:
        one.down()
        one.place.close()
        image = f"localhost/sentinel-netlab:{NEXT_VERSION}"
        one.typed(f"docker image rm -f {image}", status=None)


def versions(stack: Stack) -> set[str]:
    """What the running replicas say that they are."""
    return {
        stack.engine.docker("exec", one, "sentinel", "--version").split()[-1]
        for one in stack.containers("controller")
    }


@contextmanager
def endings(stack: Stack) -> Iterator[list[int]]:
    """Exit statuses of the controllers that end in the block, after it."""
    found: list[int] = []
    # As they come: the engine keeps the last few hundred events only.
    words = (
        "docker", "events", "--filter=event=die", "--format={{json .Actor.Attributes}}",
        "--filter=label=com.docker.compose.service=controller",
    )  # fmt: skip
    with (
        TemporaryFile("w+") as file,
        subprocess.Popen(words, env=stack.engine.environ, stdout=file) as listener,
    ):
        try:
            yield found
        finally:
            listener.terminate()
            listener.wait()
            file.seek(0)
            found += [int(json.loads(line)["exitCode"]) for line in file]


def assert_nobody_noticed(stack: Stack, counts: Counts) -> None:
    """Every request was served, if not at once then after one retry; all is stored."""
    assert counts.failed == []
    assert counts.answers[200] > 0
    until_worked_off(stack)
    acknowledged = sorted(counts.acknowledged)
    assert acknowledged
    assert [one for one in stored(stack) if one in set(acknowledged)] == acknowledged


def assert_upgraded(stack: Stack, version: str, command: str) -> Counts:
    """To *version* by *command*, under traffic; what the traffic was answered."""
    assert versions(stack) == {__version__, NEXT_VERSION} - {version}
    token = stack.token()
    with endings(stack) as ended, traffic(stack, *SENSORS, token=token) as counts:
        until(lambda: counts.answers[200] > 50, 60, "under way")
        stack.set("SENTINEL_VERSION", version)
        stack.typed(command)
        stack.until_ready(120)

    assert_nobody_noticed(stack, counts)
    assert versions(stack) == {version}
    assert ended == [0, 0]
    assert stack.sql("SELECT version_num FROM alembic_version") == NEXT_HEAD
    assert NEXT_COLUMN in stack.sql(COLUMNS.format("sensors")).split()
    return counts


@pytest.mark.parametrize("version", [NEXT_VERSION, __version__], ids=["to", "back"])
def test_new_version_and_plain_up(stack: Stack, version: str) -> None:
    """Another SENTINEL_VERSION and `up -d`; then the version before."""
    counts = assert_upgraded(stack, version, f"{COMPOSE} up -d --scale controller=2")

    # Not by luck: there was a time without a controller, and clients were told so.
    assert counts.answers[503] > 0


def test_older_version_says_that_the_newer_schema_admits_it(stack: Stack) -> None:
    """After the way back its job has nothing to do."""
    assert versions(stack) == {__version__}

    told = stack.logs("migration")

    assert f"{NEXT_HEAD} is of a newer version, which admits this one" in told
    assert f"the database is at {NEXT_HEAD}: nothing to migrate" in told


def test_one_after_another(stack: Stack) -> None:
    """By the script there is no time without a controller."""
    [nginx] = stack.containers("nginx")
    unreachable = '"status":503'
    before = stack.logs("nginx").count(unreachable)

    assert_upgraded(stack, NEXT_VERSION, "ops/upgrade.sh")

    assert stack.containers("nginx") == [nginx]
    assert stack.logs("nginx").count(unreachable) == before
    assert len(stack.containers("controller")) == 2


def test_failing_migration_replaces_nothing(stack: Stack) -> None:
    """By the script; its exit status is the job's, and the controllers go on."""
    before = stack.containers("controller")
    stack.sql("UPDATE schema_compat SET revision = NULL")
    stack.set("SENTINEL_VERSION", __version__)

    done = stack.typed("ops/upgrade.sh", status=4)

    assert f"the database is at {NEXT_HEAD}, which this version does not" in done.output
    assert stack.containers("controller") == before
    assert stack.status("/readyz") == 200


@pytest.mark.parametrize("revision", ["4085bd1d44e4", "b1d93c0a5e27"])
def test_scenario_a_just_up(stack: Stack, revision: str) -> None:
    """A database at an older revision: `docker compose up -d`, and it is at head."""
    stack.down()
    stack.set("SENTINEL_VERSION", __version__)
    stack.compose(f"run --rm migration python -m alembic upgrade {revision}")
    stack.sql("INSERT INTO sensors (id, name) VALUES ('roof', 'Roof')")

    stack.typed("docker compose up -d")
    stack.until_ready(120)

    assert stack.sql("SELECT version_num FROM alembic_version") == our_history().head
    assert stack.sql("SELECT id, name FROM sensors") == "roof|Roof"
    told = stack.typed("docker compose logs migration").stdout
    assert f"migrated from {revision} to {our_history().head}" in told
