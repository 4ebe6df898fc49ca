"""Frames behind alerts: whose they are, and when they come."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import sqlalchemy as sa
from tests.support.batches import NOW, SENSOR, SITE, in_transaction, rows

from sentinel_netlab.store import evidence as module
from sentinel_netlab.store.evidence import find_evidence, put_evidence
from sentinel_netlab.store.tables import alerts, evidence, sensors

ID = "a" * 32


async def put(c, content=b"one", sensor_id=SENSOR, alert_id=ID, now=NOW):
    return await put_evidence(
        c,
        alert_id=alert_id,
        sensor_id=sensor_id,
        pcapng=content,
        digest=sha256(content).hexdigest(),
        now=now,
    )


async def raise_alert(c, sensor_id=SENSOR, alert_id=ID):
    values = {"id": alert_id, "sensor_id": sensor_id, "site_id": SITE}
    await c.execute(sa.insert(alerts).values(**values))


async def another_sensor(c):
    await c.execute(sa.insert(sensors).values(id="attic", site_id=SITE))


def test_frames_are_given_with_their_alert(migrated_url):
    """They may come first; without an alert nobody sees them."""

    async def run(c):
        done, early = await put(c), await find_evidence(c, ID)
        await raise_alert(c)
        return done, early, await find_evidence(c, ID, site_id=SITE)

    done, early, found = in_transaction(migrated_url, run)

    assert (done, early) == ("stored", None)
    assert (found.pcapng, found.digest) == (b"one", sha256(b"one").hexdigest())


def test_other_sites_do_not_see_them(migrated_url):
    """The alert's site decides."""

    async def run(c):
        await raise_alert(c)
        await put(c)
        return await find_evidence(c, ID, site_id="moon")

    assert in_transaction(migrated_url, run) is None


def test_same_bytes_change_nothing(migrated_url):
    """Others replace them."""

    async def run(c):
        later = NOW + timedelta(seconds=1)
        done = [await put(c), await put(c, now=later), await put(c, b"two", now=later)]
        return done, await rows(c, evidence)

    done, [row] = in_transaction(migrated_url, run)

    assert done == ["stored", "unchanged", "stored"]
    assert (row["pcapng"], row["received_at"]) == (b"two", NOW + timedelta(seconds=1))


def test_alert_of_another_sensor_is_none_of_its_business(migrated_url):
    """Nothing is stored."""

    async def run(c):
        await another_sensor(c)
        await raise_alert(c)
        return await put(c, sensor_id="attic"), await rows(c, evidence)

    assert in_transaction(migrated_url, run) == ("foreign", [])


def test_who_claimed_an_alert_first_yields_to_its_sensor(migrated_url):
    """What was claimed is never given out as the alert's."""

    async def run(c):
        await another_sensor(c)
        done = [await put(c, b"lie", "attic"), await put(c)]
        await raise_alert(c)
        lie = await find_evidence(c, ID)
        done += [await put(c), await put(c, b"lie", "attic")]
        return done, lie, await find_evidence(c, ID)

    done, lie, truth = in_transaction(migrated_url, run)

    assert done == ["stored", "claimed", "stored", "foreign"]
    assert (lie, truth.pcapng) == (None, b"one")


def test_sensor_has_room_for_so_many_alerts_that_have_not_come(
    migrated_url, monkeypatch
):
    """Those that have come do not count, and what is there can be replaced."""
    monkeypatch.setattr(module, "MAX_EARLY", 2)

    async def run(c):
        await raise_alert(c)
        await another_sensor(c)
        done = [await put(c, alert_id=letter * 32) for letter in "abcd"]
        done.append(await put(c, b"two", alert_id="b" * 32))
        done.append(await put(c, sensor_id="attic", alert_id="e" * 32))
        done.append(await put(c, alert_id="f" * 32, now=NOW + module.EARLY))
        return done

    assert in_transaction(migrated_url, run) == [
        "stored", "stored", "stored", "too_many", "stored", "stored", "stored",
    ]  # fmt: skip
