"""Incidents as rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.support.batches import NOW, SITE, alert, in_transaction
from tests.unit.store.test_alerts import merge

from sentinel_netlab.store.alerts import set_incident
from sentinel_netlab.store.incidents import (
    Story,
    close_quiet_incidents,
    incidents_near,
    save_incidents,
)

MINUTE = timedelta(minutes=1)
STORY = Story(
    id="1" * 32,
    title="Deauthentication flood",
    severity="high",
    status="open",
    first_seen=NOW,
    last_seen=NOW + MINUTE,
    alerts=1,
    subjects={"bssids": ["02:00:00:00:00:01"]},
)


def near(url: str, *, at, site=SITE, ids=()):
    """Ids of the incidents near a time, of one incident that is stored."""

    async def run(c):
        await save_incidents(c, SITE, [STORY])
        return await incidents_near(
            c, site, ids=list(ids), between=(at, at), reach=10 * MINUTE
        )

    return in_transaction(url, run)


def test_reach_goes_both_ways(migrated_url):
    """Ten minutes before the first, and after the last."""
    last = NOW + MINUTE

    assert near(migrated_url, at=last + 10 * MINUTE) == [STORY]
    assert near(migrated_url, at=NOW - 10 * MINUTE) == [STORY]
    assert near(migrated_url, at=last + 11 * MINUTE) == []


def test_site_is_a_border(migrated_url):
    """Unless the incident is asked for by name."""
    assert near(migrated_url, at=NOW, site=None) == []
    assert near(migrated_url, at=NOW, site=None, ids=[STORY.id]) == [STORY]


def test_saving_again_replaces(migrated_url):
    """The id is the same."""
    grown = replace(STORY, alerts=2, severity="critical")

    async def run(c):
        await save_incidents(c, SITE, [STORY])
        await save_incidents(c, SITE, [grown])
        return await incidents_near(c, SITE, ids=[], between=(NOW, NOW), reach=MINUTE)

    assert in_transaction(migrated_url, run) == [grown]


def test_quiet_incident_is_closed_when_its_alerts_are(migrated_url):
    """Not while an attack goes on, and once."""
    later = NOW + 20 * MINUTE

    async def run(c):
        await save_incidents(c, SITE, [STORY])
        await merge(c, alert())
        await set_incident(c, ["a" * 32], STORY.id)
        early = await close_quiet_incidents(c, NOW)
        busy = await close_quiet_incidents(c, later)
        await merge(c, alert(closed=True))
        return [early, busy, *[await close_quiet_incidents(c, later) for _ in "ab"]]

    assert in_transaction(migrated_url, run) == [[], [], [STORY.id], []]
