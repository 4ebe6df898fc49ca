"""
Scenario B: every shape in which the older version left its database is adopted.

The volume is as an older stack left it: made by the superuser `sentinel`, who owns all.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.support.older import (
    COUNTS,
    PUBLIC_TOKEN,
    counts,
    load_dump,
    make_older,
)
from tests.support.older_shapes import REFUSED
from tests.support.older_stack import leave_volume
from tests.support.shared import SHARED
from tests.support.stack import COMPOSE, Stack

from sentinel_netlab import __version__
from sentinel_netlab.store.migrations.older import OLDER_TABLES
from sentinel_netlab.store.schema_state import our_history

STAMP = f"{COMPOSE} run --rm migration python -m alembic stamp 4085bd1d44e4"
ADOPT = f"{COMPOSE} run --rm migration sentinel db adopt --yes"
UP = f"{COMPOSE} up -d"
SAMPLE_COUNTS = COUNTS | {"telemetry": 420, "alerts": 60}
IMAGE_USER = 10001
OWNER, APP = "sentinel_owner", "sentinel_app"
_OWNERS = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
# An observation as old as the adopted ones, which is not adopted.
_OLD_ROW = """
INSERT INTO telemetry (timestamp, sensor_id, adopted)
SELECT timestamp, sensor_id, false FROM telemetry ORDER BY timestamp LIMIT 1
"""


@pytest.fixture
def older(fresh: Stack) -> Stack:
    """After the guide's first step; the volume is yet to be made."""
    fresh.typed("cp ops/.env.prod.example ops/.env")
    fresh.fill_in_secrets()
    return fresh


def rows(stack: Stack) -> dict[str, int]:
    """Of each table of the older version; what we audited since does not count."""
    ours = {"audit_log": "hash IS NOT NULL"}
    return {
        name: int(
            stack.sql(
                f"SELECT count(*) FROM {name}"  # noqa: S608
                f" WHERE NOT ({ours.get(name, 'false')})"
            )
        )
        for name in OLDER_TABLES
    }


def powers(stack: Stack) -> list[str]:
    """Name of each role of ours, and whether it is a superuser."""
    query = "SELECT rolname, rolsuper FROM pg_roles WHERE rolname IN ('{}', '{}')"
    return sorted(stack.sql(query.format(OWNER, APP)).split())


def may_make_tables(stack: Stack, role: str) -> bool:
    query = f"SELECT has_schema_privilege('{role}', 'public', 'CREATE')"
    return stack.sql(query) == "t"


def assert_adopted(stack: Stack, kept: dict[str, int]) -> None:
    """Ready; every row kept, also by the worker; old tokens open nothing."""
    stack.until_ready(120)
    assert rows(stack) == kept
    assert stack.sql("SELECT version_num FROM alembic_version") == our_history().head
    assert stack.sql("SELECT count(*) FROM api_tokens WHERE is_active") == "0"
    headers = {"Authorization": f"Bearer {PUBLIC_TOKEN}"}
    assert stack.request("GET", "/api/v1/alerts", headers=headers).status_code == 401

    assert powers(stack) == [f"{APP}|f", f"{OWNER}|f"]
    assert stack.sql(_OWNERS) == OWNER
    assert may_make_tables(stack, OWNER)
    assert not may_make_tables(stack, APP)

    assert len(stack.containers("worker")) == 1
    stack.sql(_OLD_ROW)
    stack.compose("exec -T worker sentinel db retention")
    assert stack.sql("SELECT count(*) FROM telemetry WHERE NOT adopted") == "0"
    assert rows(stack) == kept


def refused(stack: Stack, url_filled: Callable[[str], object]) -> str:
    """The volume is made; what `pg_dump` says of it."""
    leave_volume(stack, url_filled)
    stack.compose("up -d --wait postgres")
    stack.compose("up roles")
    return dump(stack)


def dump(stack: Stack) -> str:
    """Schema and rows, without what differs from dump to dump."""
    printed = stack.compose("exec -T postgres pg_dump -U sentinel sentinel").stdout
    return re.sub(r"^\\(un)?restrict .*$", "", printed, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("shape", "command"),
    [
        pytest.param("baseline", STAMP, id="raw-baseline"),
        pytest.param("v1", ADOPT, id="adopt-v1"),
        pytest.param("G", STAMP, id="raw-G"),
        pytest.param("G", ADOPT, id="adopt-G"),
    ],
)
def test_each_shape_is_adopted(older: Stack, shape: str, command: str) -> None:
    """By the guide's commands, or by the one that looks first."""
    leave_volume(older, partial(make_older, shape=shape))

    told = older.typed(command).output
    older.typed(UP)

    assert_adopted(older, COUNTS)
    assert ("deactivated" in told) == (command == ADOPT)


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "legacy").is_dir(), reason="needs the samples")
@pytest.mark.parametrize("sample", ["shape_d.pg.sql", "shape_f.pg.sql"])
@pytest.mark.parametrize("command", [STAMP, ADOPT], ids=["raw", "adopt"])
def test_samples_are_adopted(older: Stack, sample: str, command: str) -> None:
    """Databases that an older version made."""
    found: list[dict[str, int]] = []

    def fill(url: str) -> None:
        load_dump(url, SHARED / "legacy" / sample)
        found.append(counts(url))

    leave_volume(older, fill)
    older.typed(command)
    older.typed(UP)

    assert found == [SAMPLE_COUNTS]
    assert_adopted(older, SAMPLE_COUNTS)


@pytest.mark.parametrize("shape", REFUSED)
def test_still_older_shapes_are_refused(older: Stack, shape: str) -> None:
    """Exit status 3 with the differences; nothing is changed, and nothing serves."""
    before = refused(older, REFUSED[shape])

    adopted = older.typed(ADOPT, status=3)
    up = older.typed(UP, status=None)

    assert "should be" in adopted.output
    assert "refused: nothing was changed" in adopted.output
    assert up.status != 0
    [migration] = older.containers("migration", every=True)
    assert older.inspect(migration)["State"]["ExitCode"] == 3
    assert older.containers("controller") == []
    assert older.containers("worker") == []
    assert older.status("/readyz", scheme="http") != 200
    assert dump(older) == before


def test_stamp_on_a_wrong_shape_is_found_out(older: Stack) -> None:
    """`stamp` checks nothing; the next start refuses with 3 and changes nothing."""
    refused(older, REFUSED["B"])
    older.typed(STAMP)
    stamped = dump(older)

    up = older.typed(UP, status=None)

    assert up.status != 0
    [migration] = older.containers("migration", every=True)
    assert older.inspect(migration)["State"]["ExitCode"] == 3
    told = older.typed("docker compose logs migration").stdout
    assert "api_tokens: column token_id is missing" in told
    assert older.containers("controller") == []
    assert dump(older) == stamped


def test_without_adoption_nothing_serves(older: Stack) -> None:
    """A plain start on a database without a revision: 3, and every row is there."""
    before = refused(older, partial(make_older, shape="D"))

    up = older.typed(UP, status=None)

    assert up.status != 0
    [migration] = older.containers("migration", every=True)
    assert older.inspect(migration)["State"]["ExitCode"] == 3
    assert "sentinel db adopt --dry-run" in older.logs("migration")
    assert dump(older) == before


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "legacy").is_dir(), reason="needs the samples")
@pytest.mark.parametrize("sample", ["shape_e.sqlite", "shape_f.sqlite"])
def test_sqlite_samples_are_adopted_by_the_image(
    older: Stack, tmp_path: Path, sample: str
) -> None:
    """SQLite is for one machine, not for the stack; the image adopts the file."""
    older.compose("build -q migration")
    folder = tmp_path / "lab"
    folder.mkdir()
    shutil.copyfile(SHARED / "legacy" / sample, folder / "lab.db")
    subprocess.run(["chown", "-R", f"{IMAGE_USER}", folder], check=True)

    printed = older.engine.docker(
        "run", "--rm", f"--volume={folder}:/data", "--network=none",
        "--env=DATABASE_URL=sqlite:////data/lab.db", "--env=SENTINEL_ALLOW_SQLITE=1",
        f"localhost/sentinel-netlab:{__version__}", "sentinel", "db", "adopt", "--yes",
    )  # fmt: skip

    assert "420 of 420 rows kept" in printed
    connection = sqlite3.connect(folder / "lab.db")
    kept = {
        name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
        for name in OLDER_TABLES
    }
    active = connection.execute("SELECT count(*) FROM api_tokens WHERE is_active")
    assert kept == SAMPLE_COUNTS
    assert active.fetchone()[0] == 0
    connection.close()
