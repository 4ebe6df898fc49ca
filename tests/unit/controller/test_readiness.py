"""One verdict from two looks, whatever the looks do."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import pytest
from tests.support.app import Clock, StubProbe

from sentinel_netlab.controller.lifecycle import Lifecycle
from sentinel_netlab.controller.logs import make_logger
from sentinel_netlab.controller.metrics import Metrics
from sentinel_netlab.controller.readiness import (
    DISK_FULL,
    DRAINING,
    READY,
    STARTING,
    UNREACHABLE,
    Finding,
    Pace,
    Readiness,
    Verdict,
)

GOOD = Finding(READY, "head")
DRIFT = Finding(Verdict("schema_drift", "Schema Drift"), "head", ("a column",))
PACE = Pace(deadline_s=0.05, full_deadline_s=0.05)


class Looks(StubProbe):
    """A probe whose looks are counted, and differ."""

    def __init__(self, quick=GOOD, full=GOOD) -> None:
        self.quick_finding, self.full_finding = quick, full
        self.quicks = self.fulls = 0

    async def quick(self) -> Finding:
        self.quicks += 1
        return await self._found(self.quick_finding)

    async def full(self) -> Finding:
        self.fulls += 1
        return await self._found(self.full_finding)

    async def _found(self, finding) -> Finding:
        if finding == "hangs":
            return await asyncio.Event().wait()
        if isinstance(finding, Exception):
            raise finding
        return finding


class Bench:
    """A readiness on a clock of its own."""

    def __init__(self, looks: Looks) -> None:
        self.looks, self.clock, self.life = looks, Clock(), Lifecycle()
        self.stream, self.metrics = io.BytesIO(), Metrics()
        self.readiness = Readiness(
            looks,
            make_logger("info", self.clock.wall, self.stream),
            self.metrics,
            self.life,
            pace=PACE,
            monotonic=self.clock.monotonic,
        )

    async def turn(self) -> Verdict:
        """One turn of `watch`, with the close look that is due in it."""
        await self.readiness.turn()
        if self.readiness._full_flight is not None:
            await self.readiness._full_flight
        self.clock.advance(2)
        return self.readiness.verdict


def turns(looks: Looks, count: int = 1) -> list[Verdict]:
    """The verdicts after each of *count* turns."""

    async def run():
        bench = Bench(looks)
        return [await bench.turn() for _ in range(count)]

    return asyncio.run(run())


def test_at_first_nothing_is_served():
    """Not before both looks are done."""
    assert Bench(Looks()).readiness.verdict == STARTING
    assert turns(Looks()) == [READY]


@pytest.mark.parametrize(
    ("quick", "full", "verdict"),
    [
        (DRIFT, GOOD, DRIFT.verdict),
        (GOOD, DRIFT, DRIFT.verdict),
        (Finding(DISK_FULL, "head"), GOOD, DISK_FULL),
        ("hangs", GOOD, UNREACHABLE),
        (OSError("no such host"), GOOD, UNREACHABLE),
        (GOOD, "hangs", STARTING),
        (GOOD, OSError("gone"), STARTING),
        (GOOD, Finding(READY, "another"), STARTING),
    ],
    ids=repr,
)
def test_verdict(quick, full, verdict):
    """Ready only when both looks say so, of the same revision."""
    assert turns(Looks(quick, full)) == [verdict]


def test_what_is_mended_is_served_without_a_restart():
    """Drift is looked at again in the next turn."""

    async def run():
        bench = Bench(Looks(full=DRIFT))
        before = await bench.turn()
        bench.looks.full_finding = GOOD
        return before, await bench.turn()

    assert asyncio.run(run()) == (DRIFT.verdict, READY)


def test_a_close_look_is_taken_when_it_is_time():
    """Once, then every minute, and when the revision changes."""

    async def run():
        bench = Bench(Looks())
        for _ in range(30):
            await bench.turn()
        before = bench.looks.fulls
        await bench.turn()
        after_a_minute = bench.looks.fulls
        bench.looks.quick_finding = bench.looks.full_finding = replace(
            GOOD, revision="next"
        )
        await bench.turn()
        return before, after_a_minute, bench.looks.fulls

    assert asyncio.run(run()) == (1, 2, 3)


def test_an_outage_does_not_undo_a_close_look():
    """When the database is back, requests are served at once."""

    async def run():
        bench = Bench(Looks())
        await bench.turn()
        bench.looks.quick_finding = bench.looks.full_finding = OSError("gone")
        away = await bench.turn()
        bench.looks.quick_finding = GOOD
        return away, await bench.turn()

    assert asyncio.run(run()) == (UNREACHABLE, READY)


class TestProbe:
    def test_looks_are_shared_and_kept_for_a_second(self):
        """A hundred who ask cost one look."""

        async def run():
            bench = Bench(Looks())
            await bench.turn()
            ask = bench.readiness.probe
            first = await asyncio.gather(*(ask() for _ in range(100)))
            bench.clock.advance(0.9)
            await ask()
            taken = bench.looks.quicks
            bench.clock.advance(0.2)
            await ask()
            return set(first), taken, bench.looks.quicks

        assert asyncio.run(run()) == ({READY}, 2, 3)

    def test_a_look_that_hangs_is_given_up(self):
        """The answer comes within the deadline, by the loop's own clock."""

        async def run():
            bench = Bench(Looks(quick="hangs"))
            began = asyncio.get_running_loop().time()
            verdict = await bench.readiness.probe()
            return verdict, asyncio.get_running_loop().time() - began

        verdict, took_s = asyncio.run(run())
        assert verdict == UNREACHABLE
        assert took_s >= PACE.deadline_s

    def test_the_deadline_is_within_two_seconds(self):
        """What operations.md asks for."""
        assert Pace().deadline_s < 2

    def test_who_gives_up_waiting_does_not_end_the_look(self):
        """Others wait for it."""

        async def run():
            bench = Bench(Looks())
            await bench.turn()
            gone = asyncio.create_task(bench.readiness.probe())
            stays = asyncio.create_task(bench.readiness.probe())
            await asyncio.sleep(0)
            gone.cancel()
            return await stays

        assert asyncio.run(run()) == READY


class TestDraining:
    def test_is_not_ready_and_serves(self):
        """New traffic goes elsewhere; what comes is answered."""

        async def run():
            bench = Bench(Looks())
            await bench.turn()
            bench.life.draining.set()
            return await bench.readiness.probe(), bench.readiness.verdict

        assert asyncio.run(run()) == (DRAINING, DRAINING)
        assert DRAINING.serves
        assert not DRAINING.ready

    def test_what_was_not_served_is_not_served_now(self):
        """A process without a database drains nothing."""

        async def run():
            bench = Bench(Looks(quick=OSError("gone")))
            await bench.turn()
            bench.life.draining.set()
            return bench.readiness.verdict

        assert asyncio.run(run()) == UNREACHABLE


def test_watch_looks_until_it_is_cancelled():
    """Again and again, and what hangs is cancelled with it."""

    async def run():
        bench = Bench(Looks(full="hangs"))
        bench.readiness._pace = replace(PACE, period_s=0, full_deadline_s=60)
        watch = asyncio.create_task(bench.readiness.watch())
        for _ in range(50):
            await asyncio.sleep(0)
        watch.cancel()
        await asyncio.wait({watch})
        flight = bench.readiness._full_flight
        await asyncio.wait({flight})
        return bench.looks.quicks, flight.cancelled()

    quicks, cancelled = asyncio.run(run())
    assert quicks > 2
    assert cancelled


def test_a_change_is_told_once_with_its_details():
    """In the log and the metrics; never on the wire."""

    async def run():
        bench = Bench(Looks(full=DRIFT))
        for _ in range(3):
            await bench.turn()
        return bench

    bench = asyncio.run(run())
    told = bench.stream.getvalue()
    assert told.count(b'"schema_drift"') == 1
    assert b"a column" in told
    labels = {"code": "schema_drift"}
    assert bench.metrics.registry.get_sample_value("not_ready_total", labels) == 1


def test_foreign_objects_are_counted_and_told_once():
    """They are a metric and a line, and no reason."""

    async def run():
        bench = Bench(Looks(full=replace(GOOD, foreign=("table a", "view b"))))
        for _ in range(40):
            await bench.turn()
        return bench

    bench = asyncio.run(run())
    assert bench.looks.fulls == 2
    assert bench.readiness.verdict == READY
    assert bench.metrics.registry.get_sample_value("schema_foreign_objects") == 2
    assert bench.stream.getvalue().count(b"view b") == 1
