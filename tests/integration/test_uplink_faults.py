"""The way from the spool to the controller's queue, over a network that misbehaves."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import stamina
from tests.support.app import Lab, on_app, signer_for
from tests.support.batches import SENSOR, alert, batch, observation, rows
from tests.support.databases import migrated_database
from tests.support.evidence import evidence
from tests.support.faulty import BUSY, FAULTS, LOST, STRANGERS, Faulty, faulty
from tests.support.sensor_api import SECTION, as_admin

from sentinel_netlab.client.sensor import SensorClient
from sentinel_netlab.core.wire import encode_batch
from sentinel_netlab.sensor import uplink as module
from sentinel_netlab.sensor.spool import Spool
from sentinel_netlab.sensor.spooled import LANES, Fresh, Lane, Numbers
from sentinel_netlab.sensor.uplink import Link, Uplink
from sentinel_netlab.store.tables import evidence as pieces_of
from sentinel_netlab.store.tables import ingest_jobs

UNLIMITED = {"credential_burst": 1_000_000, "address_burst": 1_000_000}


@pytest.fixture(autouse=True)
def _quick(monkeypatch) -> Iterator[None]:
    """Pauses end at once, and a stopped uplink looks again at once."""
    monkeypatch.setattr(module, "PROBE_S", 0.001)
    with stamina.set_testing(True, attempts=10_000):
        yield


def keep(spool: Spool, lane: Lane, number: int) -> str:
    """A batch, or evidence, of its number in *spool*; its id."""

    def make(_: Numbers) -> Fresh:
        made = batch(number, observations=[observation(number)])
        if lane == "alerts":
            made = batch(number, lane="alerts", alerts=[alert()])
        body = SECTION if lane == "evidence" else encode_batch(made)
        return Fresh(f"{number:032x}", body, "identity", 1, number)

    spool.append(lane, 1, make)
    return f"{number:032x}"


def fill(spool: Spool, count: int) -> dict[Lane, list[str]]:
    """*count* batches of each lane."""
    numbers = iter(range(3 * count))
    kept: dict[Lane, list[str]] = {lane: [] for lane in LANES}
    for _ in range(count):
        for lane in reversed(LANES):
            kept[lane].append(keep(spool, lane, next(numbers)))
    return kept


async def run_until(link: Uplink, good, states: list[Link]) -> None:
    """Let *link* run until *good*."""
    task = asyncio.create_task(link.run())
    try:
        async with asyncio.timeout(300):
            while not good():
                await asyncio.sleep(0.005)
                assert not task.done(), task.exception()
    finally:
        task.cancel()
        await asyncio.wait({task})
    states.append(link.link)


async def stored(lab: Lab) -> tuple[set[str], set[str]]:
    """Ids of the batches in the queue, and of evidence."""
    async with lab.engine.connect() as c:
        jobs = {row["batch_id"] for row in await rows(c, ingest_jobs)}
        return jobs, {row["alert_id"] for row in await rows(c, pieces_of)}


def first_taken(server: Faulty, ids: list[str]) -> list[str]:
    """Those of *ids* in the order in which the application took them."""
    return [key for status, key in server.told if status in {201, 202} and key in ids]


def deliver(url: str, folder: Path, seed: int, count: int, faults: int):
    """
    Send *count* batches of each lane through so many faults, and hold what arrives
    to what was kept; the requests that it took.
    """
    chance = random.Random(seed)
    troubles = [chance.choice((*FAULTS, "")) for _ in range(faults)]
    spool = Spool(folder / f"spool{seed}.db", most_bytes=1 << 24)
    kept, states = fill(spool, count), []

    async def ask(lab):
        async with (
            faulty(lab.http, lab.clock, troubles) as server,
            SensorClient(server.url, lab.signer) as client,
        ):
            link = Uplink(spool, client, lanes=LANES, tell=states.append)
            await run_until(link, lambda: link.link.state == "idle", states)
            return server, await stored(lab)

    server, (jobs, pieces) = on_app(url, ask, **UNLIMITED)
    left = spool.fill()
    spool.close()
    batches = kept["alerts"] + kept["observations"]
    assert jobs == {*batches}
    assert pieces == {*kept["evidence"]}
    assert (left.waiting, left.aside, states[-1].sent) == (0, 0, 3 * count)
    assert first_taken(server, batches) == batches
    return len(server.asked)


@pytest.mark.parametrize("seed", [1, 2])
def test_everything_arrives_once_and_in_order(migrated_url, tmp_path, seed):
    """Whatever happens to requests and answers; alerts before observations."""
    assert deliver(migrated_url, tmp_path, seed, 6, 60) > 18


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_everything_arrives_through_many_faults(tmp_path):
    """More of each; writes docs/evidence/uplink-faults.json."""
    with evidence("uplink-faults", 1) as counts:
        counts |= {"runs": 0, "batches": 0, "requests": 0, "faults": 0}
        for seed in range(1, 31):
            with migrated_database("sqlite", tmp_path) as url:
                counts["requests"] += deliver(url, tmp_path, seed, 60, 600)
            counts["runs"] += 1
            counts["batches"] += 180
            counts["faults"] += 600


def meet(url: str, folder: Path, faults, count: int = 1):
    """States of an uplink that meets *faults*, requests, and what is left."""
    spool = Spool(folder / "spool.db", most_bytes=1 << 24)
    for number in range(count):
        keep(spool, "observations", number)
    states: list[Link] = []

    async def ask(lab):
        async with (
            faulty(lab.http, lab.clock, faults) as server,
            SensorClient(server.url, lab.signer) as client,
        ):
            link = Uplink(spool, client, lanes=LANES, tell=states.append)
            await run_until(link, lambda: link.link.state == "idle", states)
            return server

    server = on_app(url, ask, **UNLIMITED)
    spool.close()
    return [one.state for one in states], server


@pytest.mark.parametrize("fault", [*LOST, *BUSY])
def test_trouble_is_tried_again(any_url, tmp_path, fault):
    """The same bytes under the same id, until they are taken."""
    states, server = meet(any_url, tmp_path, [fault] * 3)

    assert states[0] == "retrying"
    assert len(server.asked) == 4
    assert len(set(server.asked)) == 1


@pytest.mark.parametrize("fault", STRANGERS)
def test_stranger_stops_the_uplink(any_url, tmp_path, fault):
    """Nothing leaves the spool until the controller answers."""
    states, server = meet(any_url, tmp_path, [fault] * 3)

    assert (states[0], states[-1]) == ("stopped", "idle")
    assert len(server.asked) == 4


@pytest.mark.parametrize("wrong_by", [timedelta(hours=1), timedelta(days=-3650)])
def test_clock_of_the_sensor_may_be_wrong(any_url, tmp_path, wrong_by):
    """The first answer corrects the signatures, and everything is taken."""
    spool = Spool(tmp_path / "spool.db", most_bytes=1 << 24)
    for number in range(3):
        keep(spool, "observations", number)
    states: list[Link] = []

    async def ask(lab):
        signer = signer_for(lab.clock)
        signer.clock = lambda: lab.clock.wall() + wrong_by
        async with (
            faulty(lab.http, lab.clock) as server,
            SensorClient(server.url, signer) as client,
        ):
            link = Uplink(spool, client, lanes=LANES, tell=states.append)
            await run_until(link, lambda: link.link.state == "idle", states)
            return server

    server = on_app(any_url, ask, **UNLIMITED)
    spool.close()

    assert [status for status, _ in server.told] == [401, 202, 202, 202]
    assert "stopped" not in {one.state for one in states}


def test_disabled_sensor_keeps_everything_and_goes_on(migrated_url, tmp_path):
    """It stops, says why, and sends all of it when it is enabled again."""
    spool = Spool(tmp_path / "spool.db", most_bytes=1 << 24)
    kept, states = fill(spool, 2), []

    async def ask(lab):
        await as_admin(lab, "POST", f"/sensors/{SENSOR}/disable")
        async with (
            faulty(lab.http, lab.clock) as server,
            SensorClient(server.url, lab.signer) as client,
        ):
            link = Uplink(spool, client, lanes=LANES, tell=states.append)
            await run_until(link, lambda: link.link.state == "stopped", states)
            waiting = spool.fill().waiting
            await as_admin(lab, "POST", f"/sensors/{SENSOR}/enable")
            await run_until(link, lambda: link.link.state == "idle", states)
            return waiting, await stored(lab)

    waiting, (jobs, pieces) = on_app(migrated_url, ask, **UNLIMITED)
    spool.close()

    assert states[0].why == "403 sensor_disabled"
    assert (waiting, len(jobs), pieces) == (6, 4, {*kept["evidence"]})


def test_key_that_changes_under_way_costs_nothing(migrated_url, tmp_path):
    """Between two batches the sensor was given a new key, and uses it."""
    spool = Spool(tmp_path / "spool.db", most_bytes=1 << 24)
    fill(spool, 2)
    states: list[Link] = []

    async def ask(lab):
        await as_admin(lab, "POST", f"/sensors/{SENSOR}/rotate")
        new = signer_for(lab.clock, SENSOR, 2)
        async with (
            faulty(lab.http, lab.clock) as server,
            SensorClient(server.url, lab.signer) as client,
        ):
            link = Uplink(spool, client, lanes=LANES, tell=states.append)
            await run_until(link, lambda: spool.fill().waiting < 4, states)
            lab.signer.use(2, new.key)
            await run_until(link, lambda: link.link.state == "idle", states)
            return [status for status, _ in server.told]

    told = on_app(migrated_url, ask, **UNLIMITED)
    spool.close()

    assert {*told} <= {201, 202, 200}
    assert "stopped" not in {one.state for one in states}
