"""The agent as a whole: how it ends, and that it does not half live on."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from sentinel_netlab.core.wire import Health
from sentinel_netlab.sensor.agent import Agent, Parts
from sentinel_netlab.sensor.spool import Spool
from sentinel_netlab.sensor.uplink import Link


class Worker:
    """An uplink, or a heart, that fails when it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.link = Link("idle")
        self.trouble = ""
        self.is_cancelled = False

    async def run(self) -> None:
        try:
            await asyncio.sleep(0)
            if self.error is not None:
                raise self.error
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.is_cancelled = True
            raise

    def wake(self) -> None:
        """Nothing waits here."""


class Listeners:
    """Sources that fail, or end, or go on."""

    def __init__(self, ended, ends_with: object) -> None:
        self._ended, self._ends_with = ended, ends_with
        self.steps: list[str] = []

    def start(self) -> None:
        self.steps.append("start")
        if self._ends_with != "never":
            self._ended(self._ends_with)

    def stop(self) -> None:
        self.steps.append("stop")

    def join(self, _: float) -> None:
        self.steps.append("join")


def run(tmp_path, *, stop=False, ends_with="never", **workers):
    """Exit status, what was said, what the sources went through, and the parts."""
    spool = Spool(tmp_path / "spool.db", most_bytes=1 << 20)
    made: list[Listeners] = []
    told: list[str] = []
    nothing = lambda *_: None  # noqa: E731
    heart, uplink = workers.get("heart", Worker()), workers.get("uplink", Worker())

    def listeners(_, ended):
        made.append(Listeners(ended, ends_with))
        return made[-1]

    parts = Parts(
        sensor_id="roof",
        controller="https://controller.example",
        folder=tmp_path,
        spool=spool,
        batcher=SimpleNamespace(refused=""),
        processor=SimpleNamespace(finish=nothing, broken={}),
        listeners=listeners,
        meter=SimpleNamespace(peek=Health),
        wishes=SimpleNamespace(state=SimpleNamespace(problem="")),
        heart=heart,
        uplinks=(uplink,),
        service=SimpleNamespace(ready=nothing, stopping=nothing, alive=nothing),
        clock_us=lambda: 1,
    )

    async def live() -> int:
        event = asyncio.Event()
        if stop:
            event.set()
        async with asyncio.timeout(20):
            return await Agent(parts, told.append).run(event)

    status = asyncio.run(live())
    spool.close()
    return status, told, made[0].steps, (heart, uplink)


def test_stop_is_orderly(tmp_path):
    """The sources first, then what sends; nothing is said, and the status is 0."""
    status, told, steps, parts = run(tmp_path, stop=True)

    assert (status, told) == (0, [])
    assert steps == ["start", "stop", "join"]
    assert all(part.is_cancelled for part in parts)


def test_end_of_a_replay(tmp_path):
    """Its sources ended by themselves, without an error."""
    assert run(tmp_path, ends_with=None)[:2] == (0, [])


def test_source_that_failed_ends_the_agent(tmp_path):
    """With status 1, so that the service manager starts it anew."""
    status, told, *_ = run(tmp_path, ends_with=OSError("no such device"))

    assert (status, told) == (1, ["stopped by OSError: no such device"])


@pytest.mark.parametrize("part", ["heart", "uplink"])
def test_part_that_died_ends_the_agent(tmp_path, part):
    """A sensor that listens and never sends would look well to its watchdog."""
    failing = Worker(ZeroDivisionError("a bug"))
    status, told, steps, _ = run(tmp_path, **{part: failing})

    assert status == 1
    assert told[-1] == "stopped by ZeroDivisionError: a bug"
    assert steps == ["start", "stop", "join"]
