"""Several sensors at once: the store holds what `sentinel analyze` finds, no more."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.meta.test_sizes import ROOT
from tests.support.agents import AgentProcess
from tests.support.batches import SITE, on_engine, rows
from tests.support.databases import migrated_database
from tests.support.evidence import evidence
from tests.support.fleet import fleet

from sentinel_netlab.core.times import microseconds
from sentinel_netlab.decode.block import BlockDecoder
from sentinel_netlab.detect import BUILTIN
from sentinel_netlab.sensor.capture.reader import CaptureReader
from sentinel_netlab.sensor.pipeline import Pipeline
from sentinel_netlab.store.engine import make_engine
from sentinel_netlab.store.queue import depth
from sentinel_netlab.store.tables import alerts, sensors, telemetry

CAPTURES = sorted((ROOT / "tests/scenarios").glob("*/*/capture.pcap.gz"))
FEW = [one for one in CAPTURES if one.parts[-3] in {"karma", "deauth_flood"}]
COMMON = ("code", "alert_type", "severity", "confidence", "count", "closed")


def analysed(sensor_id: str, capture: Path) -> tuple[dict, Counter]:
    """Alerts by id, and observations, that the sensor should find."""
    pipeline = Pipeline([one() for one in BUILTIN], sensor=sensor_id, inventory=False)
    decoder, found, observed = BlockDecoder(), {}, []
    with CaptureReader(str(capture)) as reader:
        for packets in reader.blocks():
            changes = pipeline.feed(decoder.decode(packets))
            found |= {one.id: one for one in changes.alerts}
            observed += changes.observations
    end = pipeline.finish()
    found |= {one.id: one for one in end.alerts}
    observed += end.observations
    facts = {
        name: (one.code, one.slug, one.severity.word, one.confidence, one.count, True,
               one.first_seen_us, one.last_seen_us)
        for name, one in found.items()
    }  # fmt: skip
    windows = Counter(
        (sensor_id, one.window_us, one.transmitter, one.channel, one.frames, one.octets)
        for one in observed
    )
    return facts, windows


async def stored(engine) -> tuple[dict, Counter]:
    """The same of the store."""
    async with engine.connect() as c:
        found = [one for one in await rows(c, alerts) if one["code"][:2] == "WD"]
        observed = await rows(c, telemetry)
    facts = {
        one["id"]: (*(one[name] for name in COMMON), microseconds(one["first_seen"]),
                    microseconds(one["last_seen"]))
        for one in found
    }  # fmt: skip
    windows = Counter(
        (one["sensor_id"], microseconds(one["timestamp"]), one["transmitter"],
         one["channel"], one["frames"], one["octets"])
        for one in observed
    )  # fmt: skip
    return facts, windows


async def replay_all(agents: list[AgentProcess], url: str, folder: Path) -> None:
    """Two controllers, two workers, and all agents at the same time."""
    async with fleet(folder, url=url, each=2, kills=()) as servers:
        places = servers.controllers
        for number, agent in enumerate(agents):
            agent.join(places[number % len(places)].url)
            agent.start()
        ends = [await asyncio.to_thread(agent.end) for agent in agents]
        assert ends == [0] * len(agents)
        await worked_off(url)


async def worked_off(url: str) -> None:
    """Wait until the queue is empty."""
    engine = make_engine(url)
    try:
        async with asyncio.timeout(240):
            while True:
                async with engine.connect() as c:
                    left = await depth(c, datetime.now(UTC))
                if not left.queued + left.leased:
                    return
                await asyncio.sleep(0.2)
    finally:
        await engine.dispose()


def check(captures: list[Path], folder: Path) -> int:
    """Replay *captures*, each by a sensor of its own, and compare; observations."""
    agents = [
        AgentProcess(f"s{number}", capture, folder / f"s{number}")
        for number, capture in enumerate(captures)
    ]

    async def prepare(engine) -> None:
        async with engine.begin() as c:
            for one in agents:
                await c.execute(
                    sa.insert(sensors).values(
                        id=one.sensor_id, site_id=SITE, status="enrolled",
                        key_version=1, adopted=False,
                    )
                )  # fmt: skip

    with migrated_database("postgresql18", folder) as url:
        on_engine(url, prepare)
        asyncio.run(replay_all(agents, url, folder))
        facts, windows = on_engine(url, stored)
    expected: dict = {}
    counted: Counter = Counter()
    for agent in agents:
        one, more = analysed(agent.sensor_id, agent.capture)
        expected |= one
        counted += more
    assert facts == expected
    assert windows == counted
    return counted.total()


@pytest.mark.timeout(290)
def test_store_is_the_union_of_what_sensors_find(tmp_path):
    """Every alert in its last state, every observation, each once."""
    assert check(FEW, tmp_path) > 30


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_store_is_the_union_of_ten_sensors(tmp_path):
    """Ten different captures into two controllers and two workers."""
    with evidence("union", seed=0) as counts:
        counts["sensors"] = 10
        counts["observations"] = check(CAPTURES[:10], tmp_path)
