"""Alerts by their states, whatever the order."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.batches import (
    NOW,
    NOW_US,
    SENSOR,
    SITE,
    alert,
    in_transaction,
)
from tests.support.batches import rows as rows_in

from sentinel_netlab.core.alert_states import fold
from sentinel_netlab.core.alert_status import RESOLUTIONS
from sentinel_netlab.store.alert_actions import set_status
from sentinel_netlab.store.alerts import (
    merge_alerts,
    open_system_alerts,
    successor_id,
)
from sentinel_netlab.store.tables import alerts


async def merge(c, *changes, sensor_id=SENSOR, now=NOW, doubts=None):
    """Merge the states of one batch."""
    return await merge_alerts(
        c,
        sensor_id=sensor_id,
        site_id=SITE,
        states=fold(changes),
        doubts=doubts or {},
        now=now,
    )


def after(url: str, *batches):
    """What each batch changed, and the rows."""

    async def run(c):
        results = [await merge(c, *changes) for changes in batches]
        whats = [[one.what for one in result.merged] for result in results]
        return whats, await rows_in(c, alerts, "id")

    return in_transaction(url, run)


states = st.builds(
    alert,
    st.sampled_from("ab"),
    severity=st.sampled_from(["low", "high"]),
    first_us=st.integers(NOW_US, NOW_US + 2),
    last_us=st.integers(NOW_US, NOW_US + 2),
    count=st.integers(1, 3),
    summary=st.sampled_from(["one", "two"]),
    ssid=st.sampled_from([None, "00ff"]),
    closed=st.booleans(),
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(states, min_size=1, max_size=6), st.data())
def test_order_and_repetition_do_not_matter(migrated_url, changes, data):
    """One batch of all, or one of each in any order and some twice: the same rows."""
    again = data.draw(st.permutations(changes * 2))

    async def run(c):
        found = []
        for batches in ([changes], [[one] for one in again]):
            await c.execute(sa.delete(alerts))
            for batch in batches:
                await merge(c, *batch)
            found.append(await rows_in(c, alerts, "id"))
        return found

    at_once, one_by_one = in_transaction(migrated_url, run)

    assert at_once == one_by_one


def test_changes_are_named(migrated_url):
    """Raised, nothing new, grown, worse, over."""
    whats, [row] = after(
        migrated_url,
        [alert()],
        [alert()],
        [alert(last_us=NOW_US, count=70)],
        [alert(last_us=NOW_US + 1, severity="critical")],
        [alert(last_us=NOW_US + 2, severity="critical", closed=True)],
    )

    assert whats == [["raised"], [], ["updated"], ["escalated"], ["closed"]]
    assert (row["severity"], row["count"], row["closed"]) == ("critical", 70, True)


async def resolve(c, name: str, when, status: str = "resolved") -> None:
    """Somebody is done with an alert."""
    await set_status(c, name, status, by="ada", now=when)


A = "a" * 32
B = successor_id(A)
C = successor_id(B)


def seen(seconds: float, count: int, **values):
    """The state of the alert when it was last seen then."""
    return alert(last_us=NOW_US + int(seconds * 1e6), count=count, **values)


def shown(found) -> dict:
    """Status, count and end of each alert."""
    return {row["id"]: (row["status"], row["count"], row["closed"]) for row in found}


@pytest.mark.parametrize("status", RESOLUTIONS)
def test_late_state_does_not_reopen(migrated_url, status):
    """It was on its way when somebody resolved the alert: its count is noted."""

    async def run(c):
        await merge(c, seen(0, 64))
        await resolve(c, A, NOW + timedelta(seconds=60), status)
        await merge(c, seen(60, 99), now=NOW + timedelta(hours=1))
        return await rows_in(c, alerts)

    [row] = in_transaction(migrated_url, run)

    assert (row["status"], row["resolved_by"]) == (status, "ada")
    assert (row["count"], row["created_at"]) == (99, NOW)


@pytest.mark.parametrize("status", RESOLUTIONS)
def test_frames_after_a_resolve_are_a_new_alert(migrated_url, status):
    """It is open, begins then and names the old one, which stays as it was."""

    async def run(c):
        await merge(c, seen(0, 64))
        await resolve(c, A, NOW + timedelta(seconds=60), status)
        result = await merge(c, seen(61, 65))
        return result, await rows_in(c, alerts, "created_at", "first_seen")

    result, [old, new] = in_transaction(migrated_url, run)

    assert shown([old, new]) == {A: (status, 64, True), B: ("open", 65, False)}
    assert [(one.what, one.id) for one in result.merged] == [("raised", B)]
    assert new["first_seen"] == new["raised_at"] == NOW + timedelta(seconds=60)
    assert new["evidence"]["follows"] == A
    assert new["resolved_by"] is None


def test_end_alone_is_no_new_frame(migrated_url):
    """The alert that somebody resolved while it lasted is over."""

    async def run(c):
        await merge(c, seen(0, 64))
        await resolve(c, A, NOW + timedelta(seconds=60))
        await merge(c, seen(90, 64, closed=True))
        return await rows_in(c, alerts)

    assert shown(in_transaction(migrated_url, run)) == {A: ("resolved", 64, True)}


def test_alert_goes_on_as_often_as_it_is_resolved(migrated_url):
    """Each state finds its place by when its frames were heard, in any order."""

    async def run(c):
        await merge(c, seen(0, 64))
        await resolve(c, A, NOW + timedelta(seconds=60))
        await merge(c, seen(70, 70))
        await resolve(c, B, NOW + timedelta(seconds=80))
        late = [seen(90, 90), seen(75, 72), seen(50, 66), seen(95, 91, closed=True)]
        for one in [*late, *reversed(late)]:
            await merge(c, one)
        return await rows_in(c, alerts)

    assert shown(in_transaction(migrated_url, run)) == {
        A: ("resolved", 66, True),
        B: ("resolved", 72, True),
        C: ("open", 91, True),
    }


@pytest.mark.parametrize("owner", ["another sensor", "adopted"])
def test_sensor_speaks_only_of_its_own(migrated_url, owner):
    """
    An id of another sensor, or of the older version, is refused and untouched.

    Also when it was resolved: nobody goes on with another's alert.
    """

    async def run(c):
        await merge(c, alert())
        await resolve(c, A, NOW - timedelta(days=1))
        if owner == "adopted":
            await c.execute(sa.update(alerts).values(adopted=True))
        await c.execute(sa.text("INSERT INTO sensors (id) VALUES ('attic')"))
        name = SENSOR if owner == "adopted" else "attic"
        result = await merge(c, alert(count=1_000), alert("b"), sensor_id=name)
        return result, await rows_in(c, alerts, "id")

    result, [kept, new] = in_transaction(migrated_url, run)

    assert result.refused == ["a" * 32]
    assert [one.id for one in result.merged] == ["b" * 32]
    assert (kept["count"], new["count"]) == (64, 64)


def test_doubted_times_are_marked(migrated_url):
    """In the reasons, for people to see."""

    async def run(c):
        await merge(c, alert(), doubts={"a" * 32: "future"})
        return await rows_in(c, alerts)

    [row] = in_transaction(migrated_url, run)

    assert row["reason_codes"] == ["time_future"]


def test_open_system_alerts_are_found(migrated_url):
    """By sensor and code, as they were sent; closed ones are not."""
    silent = alert(code="SY001", bssid=None, frames=[], attack="")
    over = alert("b", code="SY002", closed=True)

    async def run(c):
        await merge(c, silent, over, alert("c"))
        return await open_system_alerts(c, ("SY001", "SY002"))

    assert in_transaction(migrated_url, run) == {SENSOR: {"SY001": silent}}
