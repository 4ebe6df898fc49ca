"""
What dies, fills up or is stopped while sensors send: nothing that was acknowledged is
lost, and nothing is there twice.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.containers import (
    Killer,
    until_more,
)
from tests.support.evidence import evidence
from tests.support.stack import Stack, until
from tests.support.traffic import Counts, stored, traffic, until_worked_off

SEED = 20261129
SENSORS = ("roof", "hall", "yard")
SERVED = ("postgres", "controller", "worker", "nginx")
PAIRS = ("--scale controller=2", "--scale worker=2")
DRAIN_S = 25.0


@pytest.fixture(scope="module")
def pair(stack: Stack) -> Stack:
    """Two controllers and two workers, whose jobs others soon take over."""
    stack.set("SENTINEL_LEASE_S", "5")
    scale(stack)
    return stack


def scale(stack: Stack) -> None:
    """Start what is missing of them, and wait until all are healthy."""
    stack.up(*PAIRS)
    for service in ("controller", "worker"):
        for one in stack.containers(service):
            until(lambda one=one: is_healthy(stack, one), 120, f"healthy {service}")


def is_healthy(stack: Stack, container: str) -> bool:
    """What its health check says."""
    return bool(stack.inspect(container)["State"]["Health"]["Status"] == "healthy")


def refusals(counts: Counts) -> list[str]:
    """Requests that were refused for good; what asks to come again is none."""
    return [one for one in counts.failed if "after one retry" not in one]


def stored_when_done(stack: Stack) -> list[tuple[str, str, int]]:
    """What is in the store when no job waits; nothing of it is there twice."""
    until_worked_off(stack, 240)
    found = stored(stack)
    assert len(found) == len(set(found))
    return found


def kill_all(stack: Stack, rounds: int) -> dict[str, Any]:
    """Each container in each round, under traffic; what came of it."""
    stack.sql("TRUNCATE telemetry")
    with traffic(stack, *SENSORS) as counts:
        killer = Killer(stack, counts, SERVED, random.Random(SEED))
        killer.play(rounds)
        until_more(counts, 200)
    until_worked_off(stack, 240)
    found = stored(stack)
    return {
        "rounds": rounds,
        "kills": dict(killer.kills),
        "ways": dict(killer.ways),
        "acknowledged": len(counts.acknowledged),
        "stored": len(found),
        "lost": len(set(counts.acknowledged) - set(found)),
        "stored_twice": len(found) - len(set(found)),
        "answers": {str(status): n for status, n in sorted(counts.answers.items())},
        "retried": counts.retried,
        "refused": refusals(counts),
    }


def judge(found: dict[str, Any], rounds: int) -> None:
    """All were killed, and it was to no effect."""
    twice = dict.fromkeys(("controller", "worker"), 2 * rounds)
    once = dict.fromkeys(("postgres", "nginx"), rounds)
    assert found["kills"] == twice | once
    assert found["lost"] == found["stored_twice"] == 0
    assert found["stored"] == found["acknowledged"] > 0
    assert found["refused"] == []
    assert "500" not in found["answers"]


@pytest.mark.timeout(1_200)
def test_kill_9_of_each_container_under_ingest(pair: Stack) -> None:
    """Three rounds: they come back, and the ledger equals the store."""
    judge(kill_all(pair, 3), 3)


@pytest.mark.long
@pytest.mark.timeout(7_200)
def test_kill_9_of_each_container_many_times(pair: Stack) -> None:
    """Twenty rounds."""
    with evidence("stack-kills", SEED) as counts:
        counts.update(kill_all(pair, 20))
        judge(counts, 20)


def assert_ended_in_time(stack: Stack, container: str, asked: datetime) -> None:
    """By itself, with 0, within the time that is promised."""
    state = stack.inspect(container)["State"]
    assert state["Status"] == "exited"
    assert state["ExitCode"] == 0
    ended = datetime.fromisoformat(state["FinishedAt"])
    assert (ended - asked).total_seconds() <= DRAIN_S


@pytest.mark.parametrize("service", ["controller", "worker"])
@pytest.mark.parametrize("nth", [0, 1])
def test_sigterm_drains(pair: Stack, service: str, nth: int) -> None:
    """`docker stop` of either replica: no request fails after one retry."""
    token = pair.token()
    stopped = sorted(pair.containers(service))[nth]
    with traffic(pair, *SENSORS, token=token) as counts:
        until_more(counts, 200)
        asked = datetime.now(UTC)
        pair.engine.docker("stop", stopped)
        assert_ended_in_time(pair, stopped, asked)
        until_more(counts, 200)
    scale(pair)

    assert counts.failed == []
    assert set(counts.acknowledged) <= set(stored_when_done(pair))


def test_compose_stop_ends_all_in_time(pair: Stack) -> None:
    """`docker compose stop`, under traffic: each replica ends with 0."""
    ids = pair.containers("controller") + pair.containers("worker")
    assert len(ids) == 4
    with traffic(pair, *SENSORS) as counts:
        until_more(counts, 200)
        asked = datetime.now(UTC)
        pair.compose("stop controller worker")
        for one in ids:
            assert_ended_in_time(pair, one, asked)
        scale(pair)
        until_more(counts, 200)

    assert refusals(counts) == []
    assert set(counts.acknowledged) <= set(stored_when_done(pair))
