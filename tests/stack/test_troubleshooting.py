"""
Scenario C and the troubleshooting of the guide: its commands print what it says.
"""

from __future__ import annotations

import json

from tests.support.stack import Stack, until

from sentinel_netlab.store.schema_state import our_history

DRIFTS = (
    "ALTER TABLE alerts DROP COLUMN impact",
    "DROP INDEX ix_telemetry_bssid",
)
MENDS = (
    "ALTER TABLE alerts ADD COLUMN impact double precision",
    "CREATE INDEX ix_telemetry_bssid ON telemetry (bssid)",
)
TOLD = (
    "schema drift: alerts: column impact is missing",
    "schema drift: telemetry: index ix_telemetry_bssid is missing",
)
BE_AT_HEAD = f"UPDATE alembic_version SET version_num = '{our_history().head}'"  # noqa: S608
CURL = "curl -s -o /dev/null -w '%{http_code}' "


def code(stack: Stack) -> tuple[int | None, str]:
    """Status and code of what `/readyz` answers on port 80."""
    answer = stack.request("GET", "/readyz", scheme="http")
    found = answer.json()
    return answer.status_code, found.get("code", "")


def starts(stack: Stack) -> list[str]:
    """When each controller was started."""
    return [
        stack.inspect(one)["State"]["StartedAt"]
        for one in stack.containers("controller")
    ]


def test_drift_is_told_and_mended_by_sql(stack: Stack) -> None:
    """503 "Schema Drift", each difference a line; no upgrade repairs it, SQL does."""
    began = starts(stack)
    for statement in DRIFTS:
        stack.sql(statement)
    until(lambda: code(stack) == (503, "schema_drift"), 90, "drifted")
    title = stack.request("GET", "/readyz", scheme="http").json()["title"]

    stack.typed("docker compose up -d")
    told = stack.typed("docker compose logs --no-log-prefix migration").stdout
    stack.compose("run --rm migration python -m alembic upgrade head")
    after_upgrade = code(stack)
    for statement in MENDS:
        stack.sql(statement)
    until(lambda: code(stack)[0] == 200, 90, "mended")

    assert title == "Schema Drift"
    lines = [one for one in told.splitlines() if "schema drift: " in one]
    assert len(lines) == len(TOLD)
    for line, told_so in zip(lines, TOLD, strict=True):
        assert told_so in line
    assert after_upgrade == (503, "schema_drift")
    assert starts(stack) == began


def test_alive_and_unready_while_the_database_is_down(stack: Stack) -> None:
    """`curl` as the guide types it: health is 200, `/readyz` 503."""
    stack.typed("docker compose stop -t 5 postgres")
    until(lambda: code(stack)[0] == 503, 60, "unready")

    alive = stack.typed_inside(f"{CURL} http://localhost/api/v1/health").stdout
    ready = stack.typed_inside(f"{CURL} http://localhost/readyz").stdout
    reason = code(stack)[1]
    stack.typed("docker compose start postgres")
    until(lambda: code(stack)[0] == 200, 90, "ready")

    assert (alive, ready) == ("200", "503")
    assert reason == "db_unreachable"


def test_failed_migration_is_seen_and_put_right(stack: Stack) -> None:
    """`ps -a` shows how it ended, `logs` why; with the cause gone `up -d` serves."""
    stack.typed("docker compose down")
    stack.typed("docker compose up -d migration")
    stack.compose("wait migration", status=None)
    stack.sql("UPDATE alembic_version SET version_num = 'fffffffffff0'")
    failed = stack.typed("docker compose up -d", status=None)

    shown = stack.typed("docker compose ps -a --format json").stdout
    listed = [json.loads(line) for line in shown.splitlines()]
    [migration] = [one for one in listed if one["Service"] == "migration"]
    why = stack.typed("docker compose logs migration").stdout
    table = stack.typed("docker compose ps -a").stdout

    assert failed.status != 0
    assert (migration["State"], migration["ExitCode"]) == ("exited", 4)
    assert "Exited (4)" in table
    assert "the database is at fffffffffff0, which this version does not know" in why
    assert stack.status("/readyz", scheme="http") != 200

    stack.sql(BE_AT_HEAD)
    stack.typed("docker compose up -d")
    stack.until_ready(120)
