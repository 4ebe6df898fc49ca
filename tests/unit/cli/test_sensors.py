"""`sentinel sensors` as an admin runs it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from tests.support.batches import SENSOR, SITE, in_transaction, rows
from typer.testing import CliRunner

from sentinel_netlab.cli import database
from sentinel_netlab.cli.sensors import commands
from sentinel_netlab.core.join_codes import hash_code
from sentinel_netlab.store.sensors import redeem
from sentinel_netlab.store.tables import audit_log, sensors


@pytest.fixture
def run(migrated_url, monkeypatch):
    """Runs a command on a furnished database."""
    in_transaction(migrated_url, lambda c: rows(c, sensors))
    monkeypatch.setenv("DATABASE_URL", migrated_url)

    def run(*arguments):
        return CliRunner().invoke(commands, [*arguments])

    run.url = migrated_url
    return run


def stored(run):
    return {
        row["id"]: row for row in in_transaction(run.url, lambda c: rows(c, sensors))
    }


def test_code_is_printed_alone(run):
    """A script can take it; what to do with it stands on stderr."""
    done = run("enroll", "attic", "--site", SITE)
    code = done.stdout.strip()

    assert (done.exit_code, len(code)) == (0, 27)
    assert f"sentinel sensor join https://CONTROLLER {code}" in done.stderr
    assert stored(run)["attic"]["join_code_hash"] == hash_code(code)
    assert stored(run)["attic"]["site_id"] == SITE


def test_code_joins_for_so_long(run):
    """--hours."""
    code = run("enroll", "attic", "--hours", "2").stdout
    ends = stored(run)["attic"]["join_expires_at"]

    async def join(c):
        before = ends - database.utc_now()
        return before.total_seconds(), await redeem(c, hash_code(code), ends)

    left_s, joined = in_transaction(run.url, join)

    assert 7_000 < left_s <= 7_200
    assert joined is None


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("enroll", SENSOR), "--again"),
        (("enroll", "attic", "--site", "moon"), "no such site"),
        (("enroll", "Attic"), "a-z"),
        (("enroll", "join"), "a-z"),
        (("rotate", "moon"), "no such sensor"),
        (("disable", "moon"), "no such sensor"),
        (("enable", "moon"), "no such sensor"),
    ],
)
def test_refusals_are_one_line(run, arguments, reason):
    """Status 1, and nothing is written."""
    done = run(*arguments)

    assert (done.exit_code, done.stdout) == (1, "")
    assert reason in done.stderr
    assert in_transaction(run.url, lambda c: rows(c, audit_log)) == []


def test_another_machine_becomes_the_sensor_when_asked(run):
    """--again."""
    assert run("enroll", SENSOR, "--again").exit_code == 0


def test_what_is_done_is_audited(run):
    """By the account that ran the command."""
    words = ("rotate", "disable", "enable")
    codes = [run(word, SENSOR).exit_code for word in words]
    logged = in_transaction(run.url, lambda c: rows(c, audit_log, "id"))

    assert codes == [0, 0, 0]
    assert [row["action"] for row in logged] == [*words]
    assert {row["actor"].partition(":")[0] for row in logged} == {"cli"}


def test_list(run):
    """A line for each, whatever an older version called it."""

    async def fill(c):
        await c.execute(sa.insert(sensors).values(id="z\x1b[2J", status="active"))

    in_transaction(run.url, fill)
    run("enroll", "attic")
    run("rotate", SENSOR)
    attic, roof, old = run("list").stdout.splitlines()

    assert attic.split("\t")[:4] == ["attic", "enrolled", "default", "has not joined"]
    assert roof.split("\t")[2:5] == [SITE, "key 2 not used yet", "never heard"]
    assert old.startswith("z\\x1b[2J\tactive\t")
