"""
Backup and restore: the scripts, as an operator types them.
"""

from __future__ import annotations

import asyncio
import re
import stat
import time
from pathlib import Path

import pytest
from tests.support.batches import alert
from tests.support.sensor_api import SECTION
from tests.support.stack import COMPOSE, Stack, until
from tests.support.traffic import (
    BASE,
    enrol,
    signer_of,
    stored,
    traffic,
    unchecked,
    until_worked_off,
)

from sentinel_netlab.client.answers import Outcome
from sentinel_netlab.client.sensor import SensorClient
from sentinel_netlab.core.wire import Batch, encode_batch

SENSORS = ("roof", "yard")
_DIGESTS = """
SELECT format('SELECT %L, count(*), md5(string_agg(t::text, E''\\n'' ORDER BY t::text))'
              ' FROM %s t', c.oid::regclass, c.oid::regclass)
FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT format('SELECT %L, last_value, is_called FROM %s', c.oid::regclass,
              c.oid::regclass)
FROM pg_class c WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace
ORDER BY 1 \\gexec
"""


def digests(stack: Stack) -> dict[str, str]:
    """Of each table, how many rows and a digest of them in order; of each sequence."""
    lines = stack.sql(_DIGESTS).splitlines()
    return dict(line.split("|", 1) for line in lines)


async def _raise_alert(stack: Stack, sensor_id: str, alert_id: str) -> None:
    now_us = time.time_ns() // 1_000
    one = Batch(
        f"{1:032x}", sensor_id, "aa", 0, now_us, lane="alerts",
        alerts=[alert(id=alert_id, first_us=now_us, raised_us=now_us, last_us=now_us)],
    )  # fmt: skip
    signer = signer_of(stack, sensor_id)
    async with SensorClient(BASE, signer, verify=unchecked()) as client:
        taken = await client.send_batch(one.batch_id, encode_batch(one), "identity")
        assert taken.outcome is Outcome.TAKEN, taken
        given = await client.put_evidence(alert_id, SECTION)
        assert given.outcome is Outcome.TAKEN, given


def raise_alert(stack: Stack, sensor_id: str) -> None:
    """An alert and the frames behind it, as a sensor sends them."""
    enrol(stack, sensor_id)
    made = _raise_alert(stack, sensor_id, "b" * 32)
    stack.place.call(asyncio.run, made)


def backup(stack: Stack, words: str = "") -> Path:
    """Back the stack up; the file."""
    return Path(stack.typed(f"ops/backup.sh {words}").stdout.strip())


def head_of_audit(stack: Stack) -> str:
    """POSITION:HASH of the chain, whose rows are whole."""
    printed = stack.compose("exec -T controller sentinel audit verify").stdout
    return re.findall(r"[1-9]\d*:[0-9a-f]{64}", printed)[0]


def answers(stack: Stack, token: str) -> int:
    """The status of an answer to whom *token* lets in."""
    headers = {"Authorization": f"Bearer {token}"}
    return stack.request("GET", "/api/v1/alerts", headers=headers).status_code


@pytest.fixture(scope="module")
def token(stack: Stack) -> str:
    """Of an administrator; the stack has seen traffic, an alert and people."""
    made = stack.token()
    stack.compose("exec -T controller sentinel user create ada --role analyst")
    with traffic(stack, *SENSORS, token=made) as counts:
        until(lambda: len(counts.acknowledged) >= 2_000, 120, "traffic")
    raise_alert(stack, "gate")
    until_worked_off(stack)
    return made


def test_the_file_is_its_owners_alone(stack: Stack, token: str) -> None:
    """ops/backups, 0700; the file 0600; the time is in its name."""
    file = backup(stack)

    assert file.parent == stack.folder / "ops/backups"
    assert re.fullmatch(r"sentinel-\d{8}T\d{6}Z\.dump", file.name)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]


def test_it_runs_from_anywhere_and_keeps_what_is_asked(
    stack: Stack, token: str, tmp_path: Path
) -> None:
    """Older files of the name go, and no others."""
    folder = tmp_path / "of mine"
    folder.mkdir()
    old = [folder / f"sentinel-2026010{day}T000000Z.dump" for day in (1, 2, 3)]
    other = folder / "sentinel-of-ours.dump"
    for one in [*old, other]:
        one.touch()
    script = stack.folder / "ops/backup.sh"
    done = stack.typed(f"cd '{tmp_path}' && {script} --keep 2 'of mine'")

    new = Path(done.stdout.strip())
    assert new.parent == folder
    assert set(folder.iterdir()) == {other, old[2], new}


def test_a_dump_that_fails_leaves_nothing(stack: Stack, token: str) -> None:
    """No file, no part of one, and an exit status that a timer notices."""
    stack.compose("stop postgres")
    done = stack.typed("ops/backup.sh ops/none", status=None)
    stack.compose("start postgres")
    stack.until_ready()

    assert done.status == 1
    assert "is the stack up?" in done.stderr
    assert done.stdout == ""
    assert list((stack.folder / "ops/none").iterdir()) == []


def test_a_restore_into_what_holds_rows_is_refused(stack: Stack, token: str) -> None:
    file = backup(stack)
    before = stored(stack)
    done = stack.typed(f"ops/restore.sh {file}", status=None)

    assert done.status == 1
    assert "telemetry" in done.stderr
    assert "--force" in done.stderr
    assert stored(stack) == before
    assert stack.status("/readyz") == 200


@pytest.mark.parametrize("part", [0.0, 0.02, 0.5, 1.0])
def test_a_dump_cut_short_is_refused(stack: Stack, token: str, part: float) -> None:
    """Wherever it is cut, be it by one byte; nothing is changed, not even by force."""
    whole = backup(stack).read_bytes()
    cut = stack.folder / "cut.dump"
    cut.write_bytes(whole[: min(int(len(whole) * part), len(whole) - 1)])
    before = stored(stack)
    done = stack.typed(f"ops/restore.sh --force {cut}", status=None)

    assert done.status == 1
    assert "no whole dump" in done.stderr
    assert stored(stack) == before
    assert stack.sql("SELECT count(*) FROM pg_database WHERE NOT datistemplate") == "2"
    assert stack.status("/readyz") == 200


def test_restore_equals(stack: Stack, token: str) -> None:
    """
    Into an empty stack: every row, every sequence, the fingerprint; people and
    sensors go on with what they had.
    """
    head = head_of_audit(stack)
    stack.compose("stop controller worker")
    before = digests(stack)
    file = backup(stack)
    stack.down()
    stack.typed(f"ops/restore.sh --no-start {file}")
    restored = digests(stack)

    assert restored == before
    for table in ("telemetry", "alerts", "evidence", "users", "api_tokens"):
        assert not before[table].startswith("0|"), table
    stack.up()
    checked = stack.typed(f"{COMPOSE} run --rm -T migration sentinel db check")
    assert "the schema is that of revision" in checked.output
    assert answers(stack, token) == 200
    stack.compose(f"exec -T controller sentinel audit verify --anchor {head}")
    with traffic(stack, *SENSORS, token=token) as counts:
        until(lambda: len(counts.acknowledged) >= 200, 60, "traffic")
    assert counts.failed == []


def test_a_backup_under_traffic_is_of_one_moment(stack: Stack, token: str) -> None:
    """It restores, by one command; what was acknowledged before it began is in it."""
    with traffic(stack, *SENSORS, token=token) as counts:
        until(lambda: len(counts.acknowledged) >= 200, 60, "traffic")
        acknowledged = len(counts.acknowledged)
        file = backup(stack)
        until(lambda: len(counts.acknowledged) >= acknowledged + 100, 60, "traffic")
    stack.down()
    stack.typed(f"ops/restore.sh {file}")
    stack.until_ready()
    until_worked_off(stack)

    assert counts.failed == []
    found = stored(stack)
    assert len(set(found)) == len(found)
    assert set(counts.acknowledged[:acknowledged]) <= set(found)
    assert head_of_audit(stack)
    assert answers(stack, token) == 200


def test_force_replaces_what_there_is(stack: Stack, token: str) -> None:
    """Afterwards there is what there was, served by as many replicas as ran."""
    stack.up("--scale controller=2")
    file, before = backup(stack), stored(stack)
    with traffic(stack, *SENSORS) as counts:
        until(lambda: len(counts.acknowledged) >= 200, 60, "traffic")
    until_worked_off(stack)
    assert len(stored(stack)) > len(before)
    stack.typed(f"ops/restore.sh --force {file}")
    stack.until_ready()

    assert stored(stack) == before
    assert len(stack.containers("controller")) == 2
    assert answers(stack, token) == 200


def test_an_older_volume_has_another_superuser(stack: Stack) -> None:
    """Its cluster was made by `sentinel`, and has no `postgres`."""
    stack.down()
    stack.compose("run -d -e POSTGRES_USER=sentinel --name older postgres")
    ready = "docker exec older psql -h 127.0.0.1 -U sentinel -wc 'SELECT 1'"
    told = "no password supplied"
    until(lambda: told in stack.typed(ready, status=None).output, 60, "made")
    stack.typed("docker stop older && docker rm older")
    stack.up()
    token = stack.token()
    file = backup(stack)
    stack.typed(f"ops/restore.sh --force {file}")
    stack.until_ready()

    assert answers(stack, token) == 200
