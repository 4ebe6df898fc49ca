"""No job is claimed while the schema is wrong."""

from __future__ import annotations

import asyncio

import pytest
import structlog
from tests.support.batches import on_engine

from sentinel_netlab.store.schema_state import SchemaState
from sentinel_netlab.worker.gate import SchemaGate

READY = SchemaState(ready=True, revision="head")
DRIFT = SchemaState(ready=False, code="schema_drift", details=("table is missing",))


class Looks:
    """Remembers which look was taken when, and says what it is told to."""

    def __init__(self, *states) -> None:
        self.states = list(states)
        self.taken: list[tuple[str, float]] = []
        self.now_s = 0.0

    def look(self, name: str):
        """A look of that name."""

        async def run(_connection):
            self.taken.append((name, self.now_s))
            state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            if isinstance(state, Exception):
                raise state
            return state

        return run

    def gate(self, engine, log) -> SchemaGate:
        """A gate that looks so."""
        return SchemaGate(
            engine,
            monotonic=lambda: self.now_s,
            log=log,
            quick=self.look("quick"),
            full=self.look("full"),
        )


def opened(url: str, looks: Looks, *times_s: float):
    """Whether the gate was open at *times_s*, and the log."""
    logger = structlog.testing.CapturingLogger()
    log = structlog.wrap_logger(logger, processors=[])

    async def run(engine):
        gate = looks.gate(engine, log)
        found = []
        for looks.now_s in times_s:
            found.append(await gate.is_open())
        return found

    found = on_engine(url, run)
    return found, [call.kwargs for call in logger.calls]


def test_looks_are_not_too_many(migrated_url):
    """The whole at first and every minute, the quick one every two seconds."""
    looks = Looks(READY)
    opened(migrated_url, looks, 0, 0, 1.9, 2, 3.9, 58, 60, 61, 62)

    assert looks.taken == [
        ("full", 0), ("quick", 2), ("quick", 58), ("full", 60), ("quick", 62),
    ]  # fmt: skip


def test_work_goes_on_by_itself(migrated_url):
    """While it is wrong every look is a whole one, two seconds apart."""
    looks = Looks(DRIFT, DRIFT, READY)
    found, log = opened(migrated_url, looks, 0, 1, 2, 3, 4, 5)

    assert found == [False, False, False, False, True, True]
    assert looks.taken == [("full", 0), ("full", 2), ("full", 4)]
    assert [line["event"] for line in log] == ["Schema Not Ready", "Schema Ready"]
    assert (log[0]["code"], log[0]["details"]) == (
        "schema_drift",
        ["table is missing"],
    )


@pytest.mark.parametrize("error", [OSError("no route"), ValueError("whatever")])
def test_trouble_closes_the_gate(migrated_url, error):
    """It is no reason to end; its text, which may hold an address, is not logged."""
    looks = Looks(READY, error, READY)
    found, log = opened(migrated_url, looks, 0, 2, 4)

    assert found == [True, False, True]
    assert [line.get("code") for line in log] == [None, "db_unreachable", None]
    assert str(error) not in str(log)


def test_callers_share_one_look(migrated_url):
    """All loops of a worker ask at the same time."""
    looks = Looks(READY)

    async def run(engine):
        gate = looks.gate(engine, structlog.get_logger())
        return await asyncio.gather(*(gate.is_open() for _ in range(5)))

    with structlog.testing.capture_logs():
        assert on_engine(migrated_url, run) == [True] * 5
    assert looks.taken == [("full", 0)]
