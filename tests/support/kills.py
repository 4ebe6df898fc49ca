"""What is needed to kill everybody at random, and to know what was kept meanwhile."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.support.agents import AgentProcess
from tests.support.air import AP, START_US, Air, beacon, data, deauth
from tests.support.fleet import LEASE_S, PLENTY, Member

from sentinel_netlab.core.observations import WINDOW_US
from sentinel_netlab.sensor import status
from sentinel_netlab.sensor.spool import Spool

PROTECTED = 0x40
FLOOD = 200
APART_US = 3_600_000_000
"""Between the beginnings of two captures."""
_LEDGER = """
CREATE TABLE ledger (place INTEGER PRIMARY KEY AUTOINCREMENT, batch_id TEXT,
                     lane TEXT, items INTEGER, acknowledged INTEGER DEFAULT 0);
CREATE INDEX ledger_batch ON ledger (batch_id);
CREATE TRIGGER kept AFTER INSERT ON batches BEGIN
    INSERT INTO ledger (batch_id, lane, items)
    VALUES (NEW.batch_id, NEW.lane, NEW.items);
END;
CREATE TRIGGER gone AFTER DELETE ON batches BEGIN
    UPDATE ledger SET acknowledged = 1 WHERE batch_id = OLD.batch_id;
END;
"""


@dataclass(frozen=True)
class Entry:
    """A batch that the spool kept, in the order of `Ledger.entries`."""

    batch_id: str
    lane: str
    items: int
    acknowledged: bool


@dataclass(frozen=True)
class Ledger:
    """
    What a spool ever kept, and what left it, written by the spool's own transactions.

    Triggers of its database write it, so that no kill comes between.
    """

    file: Path

    def begin(self) -> None:
        """Make a spool that has the ledger."""
        Spool(self.file, most_bytes=1 << 40).close()
        with closing(sqlite3.connect(self.file)) as db:
            db.executescript(_LEDGER)

    def entries(self) -> list[Entry]:
        """All of it, in the order in which it was kept."""
        query = "SELECT batch_id, lane, items, acknowledged FROM ledger ORDER BY place"
        with closing(sqlite3.connect(self.file, timeout=60)) as db:
            return [
                Entry(name, lane, items, bool(acknowledged))
                for name, lane, items, acknowledged in db.execute(query)
            ]

    def acknowledged(self) -> int:
        """Observations that left the spool."""
        query = (
            "SELECT coalesce(sum(items), 0) FROM ledger"
            " WHERE acknowledged AND lane = 'observations'"
        )
        with closing(sqlite3.connect(self.file, timeout=60)) as db:
            return int(db.execute(query).fetchone()[0])


@dataclass
class Victim:
    """
    Somebody who is killed `to_come` times more.

    Attributes:
        is_ready: whether it works, so that a kill interrupts something.
        kill: by SIGKILL, and start it again unless others do that.
    """

    kind: str
    is_ready: Callable[[], Awaitable[bool]]
    kill: Callable[[], None]
    to_come: int
    kills: int = 0


@dataclass(frozen=True)
class Troubles:
    """
    Kills, spread over the flow of observations.

    Args:
        flow: observations that will be acknowledged at least.
        acknowledged: how many were.
    """

    victims: list[Victim]
    flow: int
    acknowledged: Callable[[], int]

    @property
    def are_over(self) -> bool:
        """Whether all kills are done."""
        return not any(one.to_come for one in self.victims)

    async def run(self, chance: random.Random) -> None:
        """Kill as planned, in any order, each time when more has been acknowledged."""
        total = sum(one.to_come for one in self.victims)
        for number in range(total):
            due = self.flow * number // total
            while await asyncio.to_thread(self.acknowledged) < due:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            await asyncio.sleep(chance.uniform(0, 0.5))
            one = chance.choice([each for each in self.victims if each.to_come])
            while not await one.is_ready():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            one.kill()
            one.kills += 1
            one.to_come -= 1


def victim_of(member: Member, http: object, times: int) -> Victim:
    """A controller or worker."""

    def kill() -> None:
        member.kill()
        member.start()

    return Victim(member.kind, lambda: member.is_ready(http), kill, times)


def victim_agent(agent: AgentProcess, times: int) -> Victim:
    """An agent; whoever replays captures starts it again."""

    async def listens() -> bool:
        known, process = status.read(agent.folder), agent.process
        if known is None or process is None or process.poll() is not None:
            return False
        return known.pid == process.pid

    return Victim("sensor", listens, agent.kill, times)


def members(folder: Path, url: str, environ: dict[str, str]) -> list[Member]:
    """A controller and a worker, which tell senders to come again soon."""
    env = {
        "DATABASE_URL": url,
        "SENTINEL_LEASE_S": LEASE_S,
        "SENTINEL_RETRY_AFTER_S": "1",
        "DRAIN_DELAY": "0",
        "REQUIRE_TLS": "false",
        **PLENTY,
        **environ,
    }
    return [
        Member(kind, (), env, folder / f"{kind}.log")
        for kind in ("controller", "worker")
    ]


def crowd(number: int, *, stations: int, windows: int, chance: random.Random) -> bytes:
    """
    Capture *number*: as many observations as *stations* times *windows*, and a flood.

    Every station sends once in each window; between two windows all are told to leave.
    """
    air = Air(now_us=START_US // WINDOW_US * WINDOW_US + number * APART_US)
    for window in range(windows):
        start_us = air.now_us
        for _ in range(10):
            air.send(beacon(AP, b"crowd"), after_us=1_000)
        step_us = (WINDOW_US - 1_000_000) // stations
        for station in chance.sample(range(stations), stations):
            name = 0x02_00_01_00_00_00 + station
            body = data(chance.randbytes(24), station=name, flags=PROTECTED)
            air.send(body, after_us=step_us, signal_dbm=chance.randint(-80, -40))
        if window == windows // 2:
            for _ in range(FLOOD):
                air.send(deauth(transmitter=AP), after_us=2_000)
        air.now_us = start_us + WINDOW_US
    return air.pcap()
