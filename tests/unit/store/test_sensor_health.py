"""When sensors were heard, and how they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.support.batches import NOW, SENSOR, SITE, batch, in_transaction, put, rows

from sentinel_netlab.store.sensor_health import (
    heard_sensors,
    record_health,
    set_status,
    site_of,
    status_of,
)
from sentinel_netlab.store.tables import sensors

MINUTE = timedelta(minutes=1)


async def heard(c, at, health=None):
    """Whether that was news."""
    return await record_health(c, SENSOR, heard_at=at, health=health)


def test_older_report_changes_nothing(migrated_url):
    """Batches overtake each other; the sensor's time decides."""

    async def run(c):
        new = {"at_us": 2, "clock_offset_s": 0.5}
        news = [
            await heard(c, NOW, new),
            await heard(c, NOW - MINUTE, {"at_us": 1, "clock_offset_s": 9.0}),
            await heard(c, NOW - MINUTE, new),
        ]
        return news, await rows(c, sensors)

    news, [row] = in_transaction(migrated_url, run)

    assert news == [True, False, False]
    assert (row["last_heartbeat"], row["clock_offset_s"]) == (NOW, 0.5)
    assert row["health"]["at_us"] == 2
    assert row["health"]["clock_offset_s"] == 0.5


def test_heartbeat_hides_no_batch(migrated_url):
    """It is shown, being the latest; batches behind it are judged all the same."""

    async def run(c):
        steps = [(1, True), (9, False), (3, True), (2, True), (4, True), (8, False)]
        news = [
            await record_health(
                c, SENSOR, heard_at=NOW, health={"at_us": at_us}, to_judge=to_judge
            )
            for at_us, to_judge in steps
        ]
        return news, await rows(c, sensors)

    news, [row] = in_transaction(migrated_url, run)

    assert news == [True, True, True, False, True, False]
    assert row["health"]["at_us"] == 9


def test_batch_in_the_queue_is_a_sign_of_life(migrated_url):
    """A worker that is late makes no sensor silent."""

    async def run(c):
        await heard(c, NOW - 5 * MINUTE)
        await put(c, batch(), now=NOW - timedelta(seconds=20))
        return await heard_sensors(c, NOW, MINUTE)

    [sensor] = in_transaction(migrated_url, run)

    assert sensor.heard_at == NOW - timedelta(seconds=20)
    assert (sensor.sensor_id, sensor.site_id, sensor.status) == (
        SENSOR,
        SITE,
        "enrolled",
    )


def test_sensor_without_key_is_not_watched(migrated_url):
    """Adopted rows say online for ever."""

    async def run(c):
        await c.execute(sa.update(sensors).values(key_version=0, status="online"))
        return await heard_sensors(c, NOW, MINUTE)

    assert in_transaction(migrated_url, run) == []


def test_disabled_sensor_stays_so(migrated_url):
    """Whatever it does."""

    async def run(c):
        done = [await set_status(c, SENSOR, "online")]
        await c.execute(sa.update(sensors).values(status="disabled"))
        done.append(await set_status(c, SENSOR, "online"))
        return done, await status_of(c, SENSOR)

    assert in_transaction(migrated_url, run) == ([True, False], "disabled")


def test_unknown_sensor_has_no_site(migrated_url):
    """It was removed while its batch waited."""

    async def run(c):
        assert await site_of(c, SENSOR) == SITE
        with pytest.raises(LookupError):
            await site_of(c, "attic")

    in_transaction(migrated_url, run)
