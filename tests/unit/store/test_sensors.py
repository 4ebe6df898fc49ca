"""Enrolment, keys, and what sensors are told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.support.batches import NOW, SENSOR, SITE, in_transaction, on_engine

from sentinel_netlab.store.sensors import (
    Wanted,
    change_sensor,
    disable,
    enable,
    enroll,
    find_sensor,
    list_sensors,
    redeem,
    report_configuration,
    rotate,
    wanted_of,
)
from sentinel_netlab.store.signers import find_signers
from sentinel_netlab.store.tables import sensors, sites

HOUR = timedelta(hours=1)
CODE = "c" * 64


async def enrolled(c, sensor_id="attic", *, code=CODE, again=False, **said):
    values = {"name": None, "site_id": SITE} | said
    return await enroll(
        c,
        sensor_id=sensor_id,
        code_hash=code,
        expires_at=NOW + HOUR,
        again=again,
        now=NOW,
        **values,
    )


def test_new_sensor_waits_for_its_machine(migrated_url):
    """It has no key, a name, and a code that ends."""

    async def run(c):
        return await enrolled(c), await find_sensor(c, "attic")

    done, sensor = in_transaction(migrated_url, run)

    assert (done, sensor.status, sensor.key_version) == ("enrolled", "enrolled", 0)
    assert (sensor.name, sensor.site_id) == ("attic", SITE)
    assert sensor.join_expires_at == NOW + HOUR


def test_code_is_good_once(migrated_url):
    """The first bearer is the sensor; the second is nobody."""

    async def run(c):
        await enrolled(c)
        return [await redeem(c, CODE, NOW), await redeem(c, CODE, NOW)]

    assert in_transaction(migrated_url, run) == [("attic", 1), None]


def test_of_two_who_join_at_once_one_does(migrated_url):
    """In transactions of their own, which overlap."""

    async def join(engine):
        async with engine.begin() as c:
            return await redeem(c, CODE, NOW)

    async def run(engine):
        async with engine.begin() as c:
            await enrolled(c)
        return await asyncio.gather(*(join(engine) for _ in range(4)))

    done = on_engine(migrated_url, run)

    assert sorted(done, key=str) == [("attic", 1), None, None, None]


@pytest.mark.parametrize(
    ("code", "at"), [("d" * 64, NOW), (CODE, NOW + HOUR), (CODE, NOW + 2 * HOUR)]
)
def test_other_codes_open_nothing(migrated_url, code, at):
    """Unknown ones, and those whose time is over."""

    async def run(c):
        await enrolled(c)
        return await redeem(c, code, at)

    assert in_transaction(migrated_url, run) is None


def test_code_of_a_disabled_sensor_opens_nothing(migrated_url):
    """It does again when the sensor is enabled."""

    async def run(c):
        await enrolled(c)
        await disable(c, "attic")
        refused = await redeem(c, CODE, NOW)
        await enable(c, "attic")
        return refused, await redeem(c, CODE, NOW)

    assert in_transaction(migrated_url, run) == (None, ("attic", 1))


def test_sensor_that_joined_is_not_enrolled_by_mistake(migrated_url):
    """Only when asked for; its old keys open until the code is used."""

    async def run(c):
        refused = await enrolled(c, SENSOR)
        allowed = await enrolled(c, SENSOR, again=True, name="Roof")
        before = await find_sensor(c, SENSOR)
        joined = await redeem(c, CODE, NOW)
        return refused, allowed, before, joined, await find_sensor(c, SENSOR)

    refused, allowed, before, joined, after = in_transaction(migrated_url, run)

    assert (refused, allowed, joined) == ("exists", "enrolled", (SENSOR, 2))
    assert (before.oldest_key_version, before.key_version) == (0, 1)
    assert (after.oldest_key_version, after.key_version) == (2, 2)
    assert (after.name, after.join_expires_at) == ("Roof", None)


def test_keys_of_a_disabled_sensor_end_with_a_new_code(migrated_url):
    """Its machine was stolen, say: enabled again, only the next one gets in."""

    async def run(c):
        await disable(c, SENSOR)
        await enrolled(c, SENSOR, again=True)
        await enable(c, SENSOR)
        before = (await find_signers(c, [SENSOR]))[SENSOR].holds(1)
        await redeem(c, CODE, NOW)
        after = (await find_signers(c, [SENSOR]))[SENSOR]
        return before, after.holds(1), after.holds(2)

    assert in_transaction(migrated_url, run) == (False, False, True)


def test_adopted_sensor_can_be_enrolled(migrated_url):
    """It never joined; it stays adopted, and is of a status that we know."""

    async def run(c):
        await c.execute(
            sa.insert(sensors).values(id="old", status="active", adopted=True)
        )
        done = await enrolled(c, "old")
        await redeem(c, CODE, NOW)
        return done, await find_sensor(c, "old")

    done, sensor = in_transaction(migrated_url, run)

    assert (done, sensor.status, sensor.site_id) == ("enrolled", "enrolled", SITE)
    assert (sensor.key_version, sensor.adopted) == (1, True)


def test_sensor_of_no_site(migrated_url):
    """A site that is not there is told of; nothing is enrolled."""

    async def run(c):
        return await enrolled(c, site_id="moon"), await find_sensor(c, "attic")

    assert in_transaction(migrated_url, run) == ("site_unknown", None)


def test_new_key_leaves_the_old_one_open(migrated_url):
    """Until the sensor has shown that it has the new one."""

    async def run(c):
        versions = [await rotate(c, SENSOR), await rotate(c, SENSOR)]
        return versions, await find_sensor(c, SENSOR)

    versions, sensor = in_transaction(migrated_url, run)

    assert versions == [2, 3]
    assert (sensor.oldest_key_version, sensor.key_version) == (0, 3)


def test_nobody_rotates_what_never_joined(migrated_url):
    """A sensor without a key, and none at all."""

    async def run(c):
        await enrolled(c)
        return [await rotate(c, "attic"), await rotate(c, "moon")]

    assert in_transaction(migrated_url, run) == [None, None]


@pytest.mark.parametrize(
    ("heard_at", "status"), [(None, "enrolled"), (NOW - HOUR, "offline")]
)
def test_enabled_sensor_waits_to_be_heard(migrated_url, heard_at, status):
    """The worker finds out whether it is there."""

    async def run(c):
        await c.execute(sa.update(sensors).values(last_heartbeat=heard_at))
        done = [await disable(c, SENSOR), await disable(c, SENSOR)]
        done += [await enable(c, SENSOR), await enable(c, SENSOR)]
        return done, await find_sensor(c, SENSOR)

    done, sensor = in_transaction(migrated_url, run)

    assert (done, sensor.status) == ([True, False, True, False], status)


def test_each_configuration_has_its_version(migrated_url):
    """Other changes do not count."""

    async def run(c):
        await change_sensor(c, SENSOR, {"config": {"dwell_ms": 100}})
        await change_sensor(c, SENSOR, {"config": None})
        await change_sensor(c, SENSOR, {"latitude_deg": 52.5, "site_id": None})
        await change_sensor(c, SENSOR, {})
        return await find_sensor(c, SENSOR)

    sensor = in_transaction(migrated_url, run)

    assert (sensor.config_version, sensor.config) == (2, None)
    assert (sensor.latitude_deg, sensor.site_id) == (52.5, None)


def test_sensor_cannot_be_put_nowhere(migrated_url):
    """A site that is not there."""

    async def run(c):
        await change_sensor(c, SENSOR, {"site_id": "moon"})

    with pytest.raises(LookupError):
        in_transaction(migrated_url, run)


def test_report_is_news_once(migrated_url):
    """A heartbeat that says the same changes nothing."""

    async def run(c):
        reports = [(1, ""), (1, ""), (1, "no channel"), (2, ""), (None, "")]
        news = [await report_configuration(c, SENSOR, *one) for one in reports]
        await report_configuration(c, SENSOR, 3, "no channel")
        return news, await find_sensor(c, SENSOR)

    news, sensor = in_transaction(migrated_url, run)

    assert news == [True, False, True, True, True]
    assert (sensor.reported_version, sensor.reported_problem) == (3, "no channel")


def test_sensor_is_told_its_configuration_and_its_sites_policy(migrated_url):
    """Each with its version."""

    async def run(c):
        bare = await wanted_of(c, SENSOR)
        await change_sensor(c, SENSOR, {"config": {"dwell_ms": 100}})
        await c.execute(sa.update(sites).values(policy={"network": []}))
        told = await wanted_of(c, SENSOR)
        await change_sensor(c, SENSOR, {"site_id": None})
        return bare, told, await wanted_of(c, SENSOR)

    bare, told, homeless = in_transaction(migrated_url, run)

    assert bare == Wanted(0, None, SITE, 1, None)
    assert told == Wanted(1, {"dwell_ms": 100}, SITE, 1, {"network": []})
    assert homeless == Wanted(1, {"dwell_ms": 100}, None, None, None)


def test_list_is_by_id(migrated_url):
    """All of them."""

    async def run(c):
        await enrolled(c)
        return await list_sensors(c)

    found = in_transaction(migrated_url, run)

    assert [sensor.id for sensor in found] == ["attic", SENSOR]


def test_sensor_without_a_site_is_at_the_default_one(migrated_url):
    """It is made once, and a site that was said before stays."""

    async def run(c):
        await enrolled(c, site_id=None)
        await enrolled(c, sensor_id="cellar", site_id=None)
        await enrolled(c, sensor_id="roof", site_id=None, again=True)
        names = ("attic", "cellar", SENSOR)
        return [(await find_sensor(c, name)).site_id for name in names]

    assert in_transaction(migrated_url, run) == ["default", "default", SITE]


def test_adopted_sensor_without_a_site_gets_one_when_it_is_enrolled(migrated_url):
    """Nothing that it hears would be in an inventory else."""

    async def run(c):
        old = {"id": "old", "name": "Old", "status": "offline", "adopted": True}
        await c.execute(sa.insert(sensors).values(old))
        before = (await find_sensor(c, "old")).site_id
        done = await enrolled(c, sensor_id="old", site_id=None)
        return before, done, (await find_sensor(c, "old")).site_id

    assert in_transaction(migrated_url, run) == (None, "enrolled", "default")
