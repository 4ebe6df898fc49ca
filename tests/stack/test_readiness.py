"""
Whatever is wrong with the database, the API says so, lives, and comes back by itself.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from tests.support.edge import send_many
from tests.support.stack import Stack, until
from tests.support.traffic import enrol, unchecked

from sentinel_netlab.client.answers import Outcome

SENSOR = "ready"
HEAD, BEFORE = "c7e2f4a81d35", "b1d93c0a5e27"
SOON_S, NEXT_CHECK_S = 60.0, 180.0
PROBLEM = {"type", "title", "status", "code", "request_id"}
LIVE = [
    f"{scheme}://127.0.0.1{path}"
    for scheme in ("http", "https")
    for path in ("/healthz", "/api/v1/health")
]
_REVISION = "UPDATE alembic_version SET version_num = '{}';"
_ADMITS = "UPDATE schema_compat SET min_compatible_code = {};"
AILMENTS = {
    "behind": (
        _REVISION.format(BEFORE),
        _REVISION.format(HEAD),
        "schema_behind",
    ),
    "ahead": (
        _REVISION.format("fffffffffff0") + _ADMITS.format(99),
        _REVISION.format(HEAD) + _ADMITS.format(1),
        "schema_ahead",
    ),
    "unversioned": (
        "ALTER TABLE alembic_version RENAME TO away",
        "ALTER TABLE away RENAME TO alembic_version",
        "schema_unversioned",
    ),
    "telemetry missing": (
        "ALTER TABLE telemetry RENAME TO away",
        "ALTER TABLE away RENAME TO telemetry",
        "schema_drift",
    ),
    "alerts missing": (
        "ALTER TABLE alerts RENAME TO away",
        "ALTER TABLE away RENAME TO alerts",
        "schema_drift",
    ),
}


@pytest.fixture(scope="module")
def token(stack: Stack) -> str:
    """Of an administrator."""
    enrol(stack, SENSOR)
    return stack.token()


@pytest.fixture
def watched(stack: Stack) -> Iterator[None]:
    """Liveness stays 200 all the while, and no controller is started anew."""
    before = _controller(stack)
    with _alive(stack):
        yield
    assert _controller(stack) == before


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize(
    ("end", "begin"), [("stop", "start"), ("kill", "start"), ("pause", "unpause")]
)
def test_readyz_is_503_while_the_database_is_down(
    stack: Stack, token: str, end: str, begin: str
) -> None:
    """And ready again, without a restart of the controller, when it is back."""
    assert _taken(stack)
    stack.compose(f"{end} postgres")
    _until_refused(stack, "db_unreachable", SOON_S)
    _assert_nothing_is_served(stack, token, "db_unreachable")

    stack.compose(f"{begin} postgres")
    _until_served(stack, token)


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize("ailment", AILMENTS)
def test_readyz_is_503_while_the_schema_is(
    stack: Stack, token: str, ailment: str
) -> None:
    """As the name of the case says; ready again when it is put right."""
    assert _taken(stack)
    harm, mend, code = AILMENTS[ailment]
    stack.sql(harm)
    _until_refused(stack, code, SOON_S)
    _assert_nothing_is_served(stack, token, code)

    stack.sql(mend)
    _until_served(stack, token)


@pytest.mark.usefixtures("watched")
def test_readyz_is_503_while_the_schema_has_drifted(stack: Stack, token: str) -> None:
    """An index is gone, and a column has another type: both have to be put right."""
    index = stack.sql("SELECT pg_get_indexdef('ix_events_xid_id'::regclass)")
    retype = "ALTER TABLE networks ALTER COLUMN security TYPE varchar({})"
    stack.sql(f"DROP INDEX ix_events_xid_id; {retype.format(65)}")
    _until_refused(stack, "schema_drift", NEXT_CHECK_S)
    _assert_nothing_is_served(stack, token, "schema_drift")
    assert "ix_events_xid_id" in _last_told(stack)
    assert "networks" in _last_told(stack)
    checked = stack.compose("exec -T controller sentinel db check", status=None)
    assert checked.status != 0
    assert "ix_events_xid_id" in checked.output

    stack.sql(index)
    _until_refused(stack, "schema_drift", SOON_S)
    stack.sql(retype.format(64))
    _until_served(stack, token)
    assert stack.compose("exec -T controller sentinel db check").status == 0


def _until_refused(stack: Stack, code: str, wait_s: float) -> None:
    """Until `/readyz` says 503 and why."""

    def refused() -> bool:
        answer = stack.request("GET", "/readyz")
        assert answer.status_code in {200, 503}
        return answer.status_code == 503 and answer.json()["code"] == code

    until(refused, wait_s, code)


def _assert_nothing_is_served(stack: Stack, token: str, code: str) -> None:
    """People and sensors are told to come again, and not a word more."""
    headers = {"Authorization": f"Bearer {token}"}
    for method, path in (
        ("GET", "/readyz"),
        ("GET", "/api/v1/alerts"),
        ("POST", "/api/v1/sites"),
        ("GET", "/api/v1/events"),
        ("GET", "/nothing"),
    ):
        answer = stack.request(method, path, headers=headers)
        assert answer.status_code == 503, path
        assert answer.headers["retry-after"].isdigit()
        assert answer.json()["code"] == code
        assert answer.json().keys() == PROBLEM
    [later] = send_many(stack, SENSOR, 1)
    assert (later.outcome, later.status, later.code) == (Outcome.LATER, 503, code)
    assert later.retry_after_s


def _until_served(stack: Stack, token: str) -> None:
    stack.until_ready(SOON_S)
    headers = {"Authorization": f"Bearer {token}"}
    asked = "/api/v1/alerts"
    until(lambda: stack.status(asked, headers=headers) == 200, SOON_S, "served")
    until(lambda: _taken(stack), SOON_S, "taken")


def _taken(stack: Stack) -> bool:
    return [one.status for one in send_many(stack, SENSOR, 1)] == [202]


def _controller(stack: Stack) -> tuple[str, str, int]:
    [one] = stack.containers("controller")
    found = stack.inspect(one)
    return one, found["State"]["StartedAt"], found["RestartCount"]


def _last_told(stack: Stack) -> str:
    """Details of the last line `Readiness`."""
    lines = [one for one in stack.logs("controller").splitlines() if "Readiness" in one]
    return json.dumps(json.loads(lines[-1][lines[-1].index("{") :])["details"])


@contextmanager
def _alive(stack: Stack) -> Iterator[None]:
    over, seen = threading.Event(), Counter[int]()

    def ask() -> None:
        with httpx.Client(verify=unchecked(), trust_env=False, timeout=20) as asking:
            while not over.wait(0.2):
                seen.update(asking.get(url).status_code for url in LIVE)

    asked = stack.place.threads.submit(ask)
    try:
        yield
    finally:
        over.set()
        asked.result(60)
    assert seen.keys() == {200}
    assert seen[200] > 4 * len(LIVE)
