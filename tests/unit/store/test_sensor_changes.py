"""What people do to sensors leaves its traces."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from tests.support.batches import NOW, SENSOR, SITE, in_transaction, rows

from sentinel_netlab.core.join_codes import hash_code
from sentinel_netlab.store.sensor_changes import Author, invite, note_site, switch
from sentinel_netlab.store.sensors import redeem
from sentinel_netlab.store.tables import audit_log, events, sensors

ALICE = Author("alice", "192.0.2.7")
CODE = "aaaqea-yeauda-ocajbi-fqydio"


async def traces(c):
    """Rows of the audit log and events, in short."""
    logged = [
        (row["event_type"], row["action"], row["resource"], row["actor"])
        for row in await rows(c, audit_log, "id")
    ]
    told = [
        (row["kind"], row["subject_id"], row["payload"]["change"])
        for row in await rows(c, events, "id")
    ]
    return logged, told


def test_invitation(migrated_url):
    """The code joins as it was typed, and stands nowhere."""

    async def run(c):
        done = await invite(c, ALICE, sensor_id="attic", code=CODE, now=NOW)
        logged = await rows(c, audit_log)
        stored = await rows(c, sensors)
        left = await traces(c)
        joined = await redeem(c, hash_code(CODE.upper()), NOW)
        return done, left, joined, repr(logged) + repr(stored)

    done, left, joined, text = in_transaction(migrated_url, run)

    assert (done, joined) == ("enrolled", ("attic", 1))
    assert left == (
        [("sensor", "enroll", "attic", "alice")],
        [("sensor", "attic", "enroll")],
    )
    assert CODE not in text


def test_invitation_that_is_refused_leaves_nothing(migrated_url):
    """Neither of a sensor that has joined nor of a site that is not there."""

    async def run(c):
        done = [
            await invite(c, ALICE, sensor_id=SENSOR, code=CODE, now=NOW),
            await invite(
                c, ALICE, sensor_id="attic", code=CODE, site_id="moon", now=NOW
            ),
        ]
        return done, await traces(c)

    done, left = in_transaction(migrated_url, run)

    assert (done, left) == (["exists", "site_unknown"], ([], []))


@pytest.mark.parametrize("action", ["rotate", "disable"])
def test_what_was_done_is_told(migrated_url, action):
    """To screens and to the audit log, with who did it and from where."""

    async def run(c):
        done = await switch(c, ALICE, SENSOR, action, NOW)
        return done, await traces(c), await rows(c, audit_log)

    done, left, [row] = in_transaction(migrated_url, run)

    assert done == "done"
    assert left[0] == [("sensor", action, SENSOR, "alice")]
    assert left[1] == [("sensor", SENSOR, action)]
    assert (row["ip_address"], row["timestamp"]) == ("192.0.2.7", NOW)


@pytest.mark.parametrize(
    ("sensor_id", "action", "outcome"),
    [
        ("moon", "disable", "unknown"),
        (SENSOR, "enable", "unchanged"),
        ("attic", "rotate", "not_joined"),
    ],
)
def test_what_was_not_done_is_not_told(migrated_url, sensor_id, action, outcome):
    """Nothing changed, nothing to say."""

    async def run(c):
        await c.execute(sa.insert(sensors).values(id="attic", site_id=SITE))
        return await switch(c, ALICE, sensor_id, action, NOW), await traces(c)

    assert in_transaction(migrated_url, run) == (outcome, ([], []))


def test_site_is_noted(migrated_url):
    """Under its own noun."""

    async def run(c):
        await note_site(c, ALICE, SITE, "change", {"policy_version": 2}, NOW)
        return await traces(c)

    assert in_transaction(migrated_url, run) == (
        [("site", "change", SITE, "alice")],
        [("sensor", SITE, "site_change")],
    )
