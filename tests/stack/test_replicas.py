"""
Two controllers: what happens to one of them, clients do not notice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.support.edge import FRONT, image_of, send_many
from tests.support.stack import PROJECT, Stack, until
from tests.support.traffic import Counts, enrol, stored, traffic, until_worked_off

SENSORS = ("east", "west")
MANY, SIZE = 40, 20
"""Answers between events; observations in a batch."""


@pytest.fixture
def two(stack: Stack) -> list[str]:
    """Ids of two controllers, both ready."""
    return _two(stack, "--no-recreate")


def test_clients_see_no_error_while_one_of_two_is_unready(
    stack: Stack, two: list[str]
) -> None:
    """It has lost the database; nginx asks the other one."""
    [one, other] = two
    with _unharmed(stack) as counts:
        _more(counts)
        stack.engine.docker("network", "disconnect", f"{PROJECT}_database", one)
        until(lambda: _health(stack, one) == "unhealthy", 90, "unhealthy")
        _more(counts)
        assert _health(stack, other) == "healthy"
        stack.engine.docker("network", "connect", f"{PROJECT}_database", one)
        until(lambda: _health(stack, one) == "healthy", 90, "healthy")
        _more(counts)

    retried = [line["upstream_status"] for line in _edge_lines(stack)]
    assert {"503, 200", "503, 202"} <= set(retried)


def test_clients_see_no_error_when_one_of_two_is_killed(
    stack: Stack, two: list[str]
) -> None:
    """
    With requests in hand, too: batches are stored once, and reading is harmless.

    Who took a batch may die before the answer.  What nginx then gives to the other one
    bears a signature that was used; the sensor signs anew.
    """
    with _unharmed(stack) as counts:
        for one in two:
            _more(counts)
            stack.engine.docker("kill", one)
            _more(counts)
            stack.engine.docker("start", one)
            until(lambda one=one: _health(stack, one) == "healthy", 90, "healthy")


def test_clients_see_no_error_when_one_of_two_is_stopped(
    stack: Stack, two: list[str]
) -> None:
    """It drains: SIGTERM, as an upgrade or a reboot sends it; it exits with 0."""
    with _unharmed(stack) as counts:
        for one in two:
            _more(counts)
            stack.engine.docker("stop", one)
            assert stack.inspect(one)["State"]["ExitCode"] == 0
            _more(counts)
            stack.engine.docker("start", one)
            until(lambda one=one: _health(stack, one) == "healthy", 90, "healthy")


def test_clients_get_their_answer_while_one_of_two_hangs(
    stack: Stack, two: list[str]
) -> None:
    """A frozen process takes connections and says nothing: the other one is asked."""
    one = two[0]
    with _unharmed(stack) as counts:
        _more(counts)
        stack.engine.docker("pause", one)
        try:
            until(lambda: "504" in _statuses(stack), 90, "a hanging request")
            _more(counts, 3)
        finally:
            stack.engine.docker("unpause", one)
        _more(counts)


def test_a_replica_at_another_address_is_found_again(stack: Stack) -> None:
    """Nginx goes on as it was, and asks for the name anew (L9)."""
    stack.compose("up -d --no-deps --scale controller=1 controller")
    [old] = stack.containers("controller")
    [nginx] = stack.containers("nginx")
    began = stack.inspect(nginx)["State"]["StartedAt"]
    address = _address(stack, old)
    stack.compose("rm -sf controller")
    assert stack.status("/readyz") == 503
    squatter = stack.engine.docker(
        "run", "-d", "--rm", "--init", "--network", FRONT, "--ip", address,
        image_of(stack), "sleep", "600",
    ).strip()  # fmt: skip
    try:
        stack.compose("up -d --no-deps controller")
        [new] = stack.containers("controller")
        assert _address(stack, new) != address
        stack.until_ready()
    finally:
        stack.engine.docker("rm", "-f", squatter)
    assert stack.inspect(nginx)["State"]["StartedAt"] == began


def test_backpressure_reaches_the_sensors_as_it_is(stack: Stack) -> None:
    """429 with Retry-After, never a 502; it ends when the worker has caught up."""
    stack.set("SENTINEL_QUEUE_MAX_JOBS", "5")
    stack.set("SENTINEL_RETRY_AFTER_S", "7")
    _two(stack)
    stack.compose("stop worker")
    enrol(stack, SENSORS[0])

    def statuses() -> set[int]:
        answers = send_many(stack, SENSORS[0], 20)
        for one in answers:
            if one.status == 429:
                assert (one.code, one.retry_after_s) == ("queue_full", 7.0)
        return {one.status for one in answers}

    seen: set[int] = set()

    def full() -> bool:
        seen.update(statuses())
        return 429 in seen

    until(full, 30, "full")
    until(lambda: statuses() == {429}, 30, "full for both")
    assert seen <= {202, 429}
    ours = [line for line in _edge_lines(stack) if line["status"] == 429]
    assert {line["upstream_status"] for line in ours} == {"429"}

    stack.compose("start worker")
    until_worked_off(stack)
    until(lambda: statuses() & {202}, 30, "taken again")


def _two(stack: Stack, *words: str) -> list[str]:
    stack.compose(f"up -d {' '.join(words)} --no-deps --scale controller=2 controller")
    found = stack.containers("controller")
    assert len(found) == 2
    until(lambda: all(_health(stack, one) == "healthy" for one in found), 90, "healthy")
    return found


@contextmanager
def _unharmed(stack: Stack) -> Iterator[Counts]:
    """Traffic of sensors and people; no request fails, or is late."""
    before = len(stored(stack))
    with traffic(stack, *SENSORS, token=stack.token("viewer"), size=SIZE) as counts:
        yield counts
    assert counts.failed == []
    assert counts.retried == 0
    assert set(counts.answers) == {200, 202}
    until_worked_off(stack)
    rows = stored(stack)
    assert set(counts.acknowledged) <= set(rows)
    assert len(rows) - before == len(counts.acknowledged)


def _more(counts: Counts, many: int = MANY) -> None:
    """Until people and sensors were answered *many* times more."""
    before = counts.answers.copy()
    for status in (200, 202):
        until(
            lambda status=status: counts.answers[status] >= before[status] + many,
            120,
            f"answered with {status}: {dict(counts.answers)}",
        )


def _health(stack: Stack, container: str) -> str:
    return str(stack.inspect(container)["State"]["Health"]["Status"])


def _address(stack: Stack, container: str) -> str:
    networks = stack.inspect(container)["NetworkSettings"]["Networks"]
    return str(networks[FRONT]["IPAddress"])


def _edge_lines(stack: Stack) -> list[dict[str, object]]:
    lines = stack.logs("nginx").splitlines()
    return [json.loads(one[one.index("{") :]) for one in lines if "Edge Log" in one]


def _statuses(stack: Stack) -> str:
    return " ".join(str(line["upstream_status"]) for line in _edge_lines(stack))
