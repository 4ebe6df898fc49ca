"""
A disk of the database that fills up, under traffic: ingest is refused before it is
full, and when it was full all goes on by itself, with every row.
"""

from __future__ import annotations

import pytest
from tests.support.containers import (
    fill_disk,
    free_disk,
    make_small_disk,
    until_more,
)
from tests.support.stack import Stack, until
from tests.support.traffic import Counts, stored, traffic, until_worked_off

SENSORS = ("roof", "hall")
DISK_MIB, LOWEST_MIB = 640, 160
"""The disk, and what has to be free for ingest; a quarter of it for anything."""
RUNNING = "postgres", "controller", "worker", "nginx"
COME_LATER = {202, 429, 503}
BACK_S = 240.0


@pytest.fixture(scope="module")
def small(filled_in: Stack) -> Stack:
    """The stack with a small disk, serving."""
    filled_in.set("SENTINEL_MIN_FREE_DISK_BYTES", str(LOWEST_MIB << 20))
    filled_in.set("SENTINEL_RETRY_AFTER_S", "1")
    filled_in.set("SENTINEL_LEASE_S", "5")
    make_small_disk(filled_in, DISK_MIB)
    filled_in.up()
    return filled_in


def until_answered(counts: Counts, status: int, times: int = 5) -> None:
    """Until sensors got that answer so often from now on."""
    before = counts.answers[status]
    until(
        lambda: counts.answers[status] >= before + times, BACK_S, f"answered {status}"
    )


def assert_nothing_lost(stack: Stack, counts: Counts) -> None:
    """Exactly what was acknowledged is stored; each page and each index is whole."""
    until_worked_off(stack, 240)
    found = [
        one for one in stored(stack) if one[1] in {e for _, e, _ in counts.acknowledged}
    ]
    assert found == sorted(counts.acknowledged)
    assert set(counts.answers) <= COME_LATER
    assert [one for one in counts.failed if "after one retry" not in one] == []
    stack.compose(
        "exec -T postgres pg_amcheck -U postgres --install-missing --heapallindexed"
        " sentinel"
    )
    failures = "SELECT sum(checksum_failures) FROM pg_stat_database"
    assert stack.sql(failures) in ("", "0")


def test_ingest_is_refused_before_the_disk_is_full(small: Stack) -> None:
    """429 to sensors, while people are served; afterwards sensors go on."""
    token = small.token()
    headers = {"Authorization": f"Bearer {token}"}
    with traffic(small, *SENSORS) as counts:
        until_more(counts, 200)
        fill_disk(small, LOWEST_MIB - 40)
        until_answered(counts, 429)
        taken = len(counts.acknowledged)
        until_answered(counts, 429)
        assert len(counts.acknowledged) == taken
        assert small.status("/readyz") == 200
        assert small.status("/api/v1/alerts", headers=headers) == 200
        free_disk(small)
        until_more(counts, 200)

    assert_nothing_lost(small, counts)
    assert 503 not in counts.answers


def test_nobody_is_served_when_it_is_all_but_full(small: Stack) -> None:
    """503 with its reason, and ready again when there is room."""
    fill_disk(small, LOWEST_MIB // 4 - 20)
    until(lambda: small.status("/readyz") == 503, BACK_S, "unready")
    told = small.request("GET", "/readyz").json()
    live = small.status("/healthz", scheme="http")
    free_disk(small)
    small.until_ready()

    assert told["code"] == "disk_full"
    assert live == 200


@pytest.mark.parametrize("lowest_mib", [LOWEST_MIB, 0])
def test_disk_full_on_postgres(small: Stack, lowest_mib: int) -> None:
    """Not a byte is left, be it in spite of the limit or for want of one."""
    small.set("SENTINEL_MIN_FREE_DISK_BYTES", str(lowest_mib << 20))
    small.up()
    began = {one: small.containers(one) for one in RUNNING}
    with traffic(small, *SENSORS) as counts:
        until_more(counts, 200)
        fill_disk(small, 0)
        until_answered(counts, 503, 10)
        free_disk(small)
        small.until_ready(BACK_S)
        until_more(counts, 200)

    assert_nothing_lost(small, counts)
    assert {one: small.containers(one) for one in RUNNING} == began
    if lowest_mib == 0:
        assert "No space left on device" in small.logs("postgres")
