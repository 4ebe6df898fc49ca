"""Sensor, controller, worker and database are killed: nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import random
import signal
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from tests.e2e.test_union import analysed, stored, worked_off
from tests.support.agents import AgentProcess
from tests.support.batches import SITE, on_engine
from tests.support.databases import migrate
from tests.support.environments import HMAC_SECRET, SECRET_KEY
from tests.support.evidence import evidence
from tests.support.fleet import Fleet
from tests.support.kills import (
    Ledger,
    Troubles,
    Victim,
    crowd,
    members,
    victim_agent,
    victim_of,
)
from tests.support.postgres import Postgres, private_postgres

from sentinel_netlab.store.tables import ingest_jobs, sensors, telemetry

SEED = 20_261_126
SENSOR = "s0"
SECRETS = {"CONTROLLER_SECRET_KEY": SECRET_KEY, "CONTROLLER_HMAC_SECRET": HMAC_SECRET}


@dataclass(frozen=True)
class Plan:
    """
    How much of everything.

    Attributes:
        flow: observations that are to be acknowledged at least.
        kills: of each kind.
        stations, windows: of a capture.
        speed: of the replay; the slower, the more batches, and the more kills hit an
            agent that decodes.
    """

    flow: int
    kills: int
    stations: int
    windows: int
    speed: str


@dataclass
class Run:
    """A test under way: the agent, its ledger, its captures, and who is killed."""

    plan: Plan
    folder: Path
    database: Postgres
    agent: AgentProcess
    ledger: Ledger
    captures: list[Path]
    victims: list[Victim]

    async def replay_all(self, troubles: Troubles) -> None:
        """Captures in turn, each until it was replayed whole, until there is enough."""
        chance = random.Random(SEED + 1)
        for number in count():
            capture = self.folder / f"{number}.pcap"
            capture.write_bytes(
                crowd(
                    number,
                    stations=self.plan.stations,
                    windows=self.plan.windows,
                    chance=chance,
                )
            )
            self.captures.append(capture)
            self.agent.capture = capture
            await self._replay()
            enough = self.ledger.acknowledged() >= self.plan.flow
            if enough and troubles.are_over:
                return

    async def _replay(self) -> None:
        """From the beginning each time that the agent was killed."""
        status = -signal.SIGKILL
        while status == -signal.SIGKILL:
            self.agent.start(self.plan.speed)
            status = await asyncio.to_thread(self.agent.end)
        assert status == 0

    async def play(self) -> None:
        """Everybody works and is killed, until all is worked off."""
        async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
            servers = Fleet(members(self.folder, self.database.url, SECRETS), http)
            try:
                for one in servers.members:
                    one.start()
                await servers.all_ready()
                self.agent.join(servers.controllers[0].url)
                self.ledger.begin()
                await self._among_kills(servers)
                await self.database.ready()
                await servers.all_ready()
                await worked_off(self.database.url)
            finally:
                for one in (self.agent, *servers.members):
                    one.kill()

    async def _among_kills(self, servers: Fleet) -> None:
        times = self.plan.kills
        self.victims += [victim_of(one, servers.http, times) for one in servers.members]
        self.victims += [victim_agent(self.agent, times), self._victim_database(times)]
        acknowledged = self.ledger.acknowledged
        troubles = Troubles(self.victims, self.plan.flow, acknowledged)
        async with asyncio.TaskGroup() as tasks:
            keeper = tasks.create_task(self.database.keep())
            tasks.create_task(troubles.run(random.Random(SEED)))
            await self.replay_all(troubles)
            keeper.cancel()

    def _victim_database(self, times: int) -> Victim:
        async def serves() -> bool:
            return await asyncio.to_thread(self.database.serves)

        return Victim("database", serves, self.database.kill, times)


async def found(engine) -> tuple[dict[str, str], list[str], list[tuple]]:
    """Jobs with their states, ids in order of receipt, and numbers of observations."""
    jobs = sa.select(
        ingest_jobs.c.batch_id, ingest_jobs.c.status, ingest_jobs.c.received_at
    )
    seqs = sa.select(telemetry.c.sensor_id, telemetry.c.epoch, telemetry.c.seq)
    async with engine.connect() as c:
        known = (await c.execute(jobs.order_by(ingest_jobs.c.received_at))).all()
        numbers = [tuple(row) for row in await c.execute(seqs)]
    states = {one.batch_id: one.status for one in known}
    return states, [one.batch_id for one in known], numbers


def prepared(plan: Plan, folder: Path, database: Postgres) -> Run:
    """The database at head, with a sensor; nobody works yet."""

    async def enrol(engine) -> None:
        async with engine.begin() as c:
            await c.execute(
                sa.insert(sensors).values(
                    id=SENSOR, site_id=SITE, status="enrolled", key_version=1,
                    adopted=False,
                )
            )  # fmt: skip

    migrate(database.url)
    on_engine(database.url, enrol)
    agent = AgentProcess(SENSOR, folder / "none", folder / SENSOR)
    ledger = Ledger(agent.folder / "spool.db")
    return Run(plan, folder, database, agent, ledger, [], [])


def check_batches(run: Run) -> int:
    """All that was kept was acknowledged and done, once, in order; observations."""
    entries = [one for one in run.ledger.entries() if one.lane != "evidence"]
    assert [one for one in entries if not one.acknowledged] == []
    states, received, numbers = on_engine(run.database.url, found)
    assert states == {one.batch_id: "done" for one in entries}
    for lane in ("alerts", "observations"):
        kept = [one.batch_id for one in entries if one.lane == lane]
        assert [name for name in received if name in set(kept)] == kept
    total = sum(one.items for one in entries if one.lane == "observations")
    (epoch,) = {epoch for _, epoch, _ in numbers}
    assert sorted(numbers) == [(SENSOR, epoch, seq) for seq in range(total)]
    return total


def check_contents(run: Run) -> int:
    """Alerts, and what was observed, are what `sentinel analyze` finds; alerts."""
    facts, windows = on_engine(run.database.url, stored)
    expected: dict = {}
    seen: set = set()
    for capture in run.captures:
        one, more = analysed(SENSOR, capture)
        expected |= one
        seen |= set(more)
    assert facts == expected
    assert set(windows) == seen
    return len(facts)


def check(plan: Plan, folder: Path) -> dict[str, int]:
    """Run *plan*; counts of what happened."""
    with private_postgres() as database:
        run = prepared(plan, folder, database)
        asyncio.run(run.play())
        observations, alerts = check_batches(run), check_contents(run)
    assert observations >= plan.flow
    assert alerts >= len(run.captures)
    return {
        "observations": observations,
        "batches": len(run.ledger.entries()),
        "alerts": alerts,
        "captures": len(run.captures),
        **{f"kills_of_{one.kind}": one.kills for one in run.victims},
    }


@pytest.mark.timeout(280)
def test_kills_lose_nothing_and_double_nothing(tmp_path):
    """One kill of each, while some hundred observations flow."""
    plan = Plan(flow=600, kills=1, stations=30, windows=8, speed="40")
    check(plan, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(5_400)
def test_kills_lose_nothing_and_double_nothing_at_full_size(tmp_path):
    """300,000 observations; sensor, controller, worker, database 20 times each."""
    plan = Plan(flow=300_000, kills=20, stations=250, windows=40, speed="max")
    with evidence("kills", SEED) as counts:
        counts.update(check(plan, tmp_path))
        counts["lost"] = counts["stored_twice"] = 0
