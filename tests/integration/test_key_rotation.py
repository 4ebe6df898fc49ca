"""A sensor's key changes under way: nobody is locked out, and no old key is left."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.app import Lab, on_app, running, sensor_key
from tests.support.batches import SENSOR
from tests.support.databases import migrated_database
from tests.support.environments import HMAC_SECRET
from tests.support.evidence import evidence
from tests.support.sensor_api import SECTION, beat, report

from sentinel_netlab.client.wanted import read_heartbeat
from sentinel_netlab.core.signing import Keyring
from sentinel_netlab.store.sensor_changes import Author, switch

EVENTS = ("rotate", "master", "beat", "beat", "answer lost", "evidence")
SEED = 20260301
UNLIMITED = {"credential_burst": 1_000_000, "address_burst": 1_000_000}


class World:
    """An admin, a controller and a sensor, of which each event needs one."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.masters = [HMAC_SECRET.encode()]
        self.follows = True  # the sensor's key is made of the newest master secret
        self.used: set[int] = set()

    async def happen(self, event: str) -> None:
        match event:
            case "rotate":
                async with self.lab.engine.begin() as c:
                    now, admin = self.lab.clock.wall(), Author("admin")
                    assert await switch(c, admin, SENSOR, "rotate", now) == "done"
            case "master":
                self.change_master()
            case "evidence":
                answer = await self.lab.sensor.put_evidence("a" * 32, SECTION)
                assert answer.status in {200, 201}
                self.used.add(self.lab.signer.key_version)
            case _:
                await self.beat(is_lost=event == "answer lost")

    def change_master(self) -> None:
        """As the guide says: not before the sensors have followed the last change."""
        if not self.follows:
            return
        self.masters.append(f"{len(self.masters):036d}-secret".encode())
        keys = Keyring(self.masters[-1], self.masters[-2])
        self.lab.services.ingest.keys = keys
        self.follows = False

    async def beat(self, *, is_lost: bool) -> None:
        signer = self.lab.signer
        answer = await self.lab.sensor.heartbeat(report(self.lab))
        assert answer.status == 200
        self.used.add(signer.key_version)
        told = read_heartbeat(answer)
        if told is None or is_lost:
            return
        if told.key is not None:
            signer.use(told.key.version, told.key.key)
        self.follows = True


async def _play(url: str, events: list[str]) -> World:
    async with running(url, **UNLIMITED) as lab:
        world = World(lab)
        for event in events:
            await world.happen(event)
        await world.happen("beat")  # it is heard, whatever happened before
        for version in world.used - {max(world.used)}:
            assert await beat(lab, version) in {"key_revoked", "signature_invalid"}
        return world


def _lives(events: list[str]) -> World:
    with (
        TemporaryDirectory() as folder,
        migrated_database("sqlite", Path(folder)) as url,
    ):
        return asyncio.run(_play(url, events))


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(EVENTS), max_size=20))
def test_sensor_is_never_locked_out(events):
    """Whatever answers are lost while keys and master secrets change."""
    _lives(events)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_many_sensors_are_never_locked_out():
    """Longer lives, more of them; writes docs/evidence/key-rotation.json."""
    chance = random.Random(SEED)
    with evidence("key-rotation", SEED) as counts:
        counts |= {"lives": 0, "events": 0, "keys_used": 0, "master_secrets": 0}
        for _ in range(200):
            events = chance.choices(EVENTS, k=60)
            world = _lives(events)
            counts["lives"] += 1
            counts["events"] += len(events)
            counts["keys_used"] += len(world.used)
            counts["master_secrets"] += len(world.masters)


def test_requests_that_are_under_way_when_the_key_changes(migrated_url):
    """The client signs anew what the old key was refused for."""

    async def ask(lab):
        async with lab.engine.begin() as c:
            await switch(c, Author("admin"), SENSOR, "rotate", lab.clock.wall())
        told = read_heartbeat(await lab.sensor.heartbeat(report(lab)))

        async def evidence(number):
            if number == 0:
                lab.signer.use(told.key.version, told.key.key)
            return await lab.sensor.put_evidence(f"{number:032x}", SECTION)

        return await asyncio.gather(*map(evidence, reversed(range(8))))

    found = on_app(migrated_url, ask)

    assert [answer.status for answer in found] == [201] * 8


def test_key_of_a_number_is_of_no_other_sensor(migrated_url):
    """Keys differ by sensor and by number."""

    async def ask(lab):
        lab.signer.use(1, sensor_key("attic"))
        return await lab.sensor.heartbeat(report(lab))

    assert on_app(migrated_url, ask).code == "signature_invalid"
