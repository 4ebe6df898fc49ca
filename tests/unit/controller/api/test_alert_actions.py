"""What people do about alerts: once, by whom, told and written down."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.app import on_app
from tests.support.batches import NOW, NOW_US, SENSOR, SITE, alert, rows
from tests.support.lists import MANY, alert_row, put_alerts, put_other_site, put_rows
from tests.support.people import bearer, header, new_token

from sentinel_netlab.controller.api.alert_actions import AlertActionRoutes
from sentinel_netlab.controller.api.alerts import AlertOut, AlertRoutes
from sentinel_netlab.core.alert_states import fold
from sentinel_netlab.store.alerts import merge_alerts
from sentinel_netlab.store.tables import alerts, audit_log, events, users
from sentinel_netlab.worker.news import alert_facts

ROUTES = {"routes": (AlertRoutes, AlertActionRoutes), **MANY}
ID = "a" * 32
HERE = f"/api/v1/alerts/{ID}"
RESOLVED, FALSE = {"resolution": "resolved"}, {"resolution": "false_positive"}


async def _fill(lab, *more):
    async with lab.engine.begin() as c:
        await put_other_site(c)
        await put_alerts(c, alert_row(ID, last_seen=NOW), *more)


async def _post(lab, action, body=None, role="analyst", site=None, name="ann"):
    token = await new_token(lab, role, site, name=name)
    return await lab.http.post(f"{HERE}/{action}", json=body, headers=header(token))


async def _rows(lab, table, *order):
    async with lab.engine.connect() as c:
        return await rows(c, table, *order)


async def _walk(lab, *steps):
    """Status and body of each step, a second after the other, by ann."""
    found, headers = [], header(await new_token(lab, "analyst", name="ann"))
    for action, body in steps:
        lab.clock.advance(1)
        answer = await lab.http.post(f"{HERE}/{action}", json=body, headers=headers)
        found.append((answer.status_code, answer.json()))
    return found


def test_from_open_to_resolved_and_back(migrated_url):
    """Who and when is kept; reopened, it is as new."""

    async def ask(lab):
        await _fill(lab)
        steps = [("acknowledge", None), ("resolve", FALSE), ("reopen", None)]
        return await _walk(lab, *steps)

    (_, seen), (_, settled), (_, again) = on_app(migrated_url, ask, **ROUTES)

    assert (seen["status"], seen["acknowledged_by"]) == ("acknowledged", "ann")
    assert seen["acknowledged_at"] == "2026-03-01T12:00:01Z"
    assert (settled["status"], settled["resolved_by"]) == ("false_positive", "ann")
    assert settled["resolved_at"] == "2026-03-01T12:00:02Z"
    assert settled["acknowledged_by"] == "ann"
    assert again["status"] == "open"
    names = ("acknowledged_at", "acknowledged_by", "resolved_at", "resolved_by")
    assert [again[name] for name in names] == [None] * 4


def test_what_is_not_possible_changes_nothing(migrated_url):
    """409 with what it is; no row in the audit log, no event."""

    async def ask(lab):
        await _fill(lab)
        steps = [("reopen", None), ("resolve", RESOLVED), ("resolve", FALSE)]
        found = await _walk(lab, *steps, ("acknowledge", None))
        return found, await _rows(lab, audit_log), await _rows(lab, events)

    found, written, told = on_app(migrated_url, ask, **ROUTES)

    assert [status for status, _ in found] == [409, 200, 409, 409]
    assert found[2][1]["code"] == "wrong_status"
    assert found[2][1]["detail"] == "cannot resolve: the alert is resolved"
    assert (len(written), len(told)) == (1, 1)


def test_an_action_is_told_and_written_down(migrated_url):
    """To screens in the words of the worker; to the log with who and from where."""

    async def ask(lab):
        await _fill(lab)
        await _walk(lab, ("resolve", FALSE))
        found = [await _rows(lab, table) for table in (alerts, audit_log, events)]
        return [one for [one] in found]

    row, written, told = on_app(migrated_url, ask, **ROUTES)

    assert (written["actor"], written["action"]) == ("ann", "resolve")
    assert (written["event_type"], written["resource"]) == ("alert", ID)
    assert written["details"] == {"was": "open", "resolution": "false_positive"}
    assert written["ip_address"] == "192.0.2.7"
    assert (told["kind"], told["subject_id"]) == ("alert", ID)
    assert told["payload"]["change"] == "resolved"
    assert told["payload"]["status"] == "false_positive"
    assert set(alert_facts(row, None)) <= set(told["payload"])


def test_screens_know_the_words_of_the_worker():
    """An event of the worker and one of a person name the same things alike."""
    told = alert_facts(dict.fromkeys(alerts.c.keys()) | _TIMES, None)

    assert set(told) <= set(AlertOut.__struct_fields__)


_TIMES = {"first_seen": NOW, "last_seen": NOW}


def test_of_two_at_once_one_is_first(migrated_url):
    """Five people acknowledge: one does, and four are told; one row, one event."""

    async def ask(lab):
        await _fill(lab)
        people = [_post(lab, "acknowledge", name=f"p{n}") for n in range(5)]
        found = await asyncio.gather(*people)
        [row] = await _rows(lab, alerts)
        [written] = await _rows(lab, audit_log)
        told = await _rows(lab, events)
        who = row["acknowledged_by"], written["actor"]
        return sorted(one.status_code for one in found), who, len(told)

    statuses, (by, actor), told = on_app(migrated_url, ask, **ROUTES)

    assert statuses == [200, 409, 409, 409, 409]
    assert (by == actor, told) == (True, 1)


def test_a_late_state_of_a_sensor_does_not_reopen(migrated_url):
    """It is counted; new frames after that are an alert of their own."""
    late = alert("a", count=65, last_us=NOW_US - 500_000)
    new = alert("a", count=99, last_us=NOW_US + 60_000_000)

    async def merge(lab, state):
        async with lab.engine.begin() as c:
            await merge_alerts(
                c, sensor_id=SENSOR, site_id=SITE, states=fold([state]), doubts={},
                now=lab.clock.wall(),
            )  # fmt: skip

    async def ask(lab):
        await put_other_site_only(lab)
        await merge(lab, alert("a"))
        await _walk(lab, ("resolve", RESOLVED))
        await merge(lab, late)
        await merge(lab, new)
        return await _rows(lab, alerts, "last_seen")

    settled, following = on_app(migrated_url, ask, **ROUTES)

    assert (settled["id"], settled["status"], settled["count"]) == (ID, "resolved", 65)
    assert (following["status"], following["count"]) == ("open", 99)


async def put_other_site_only(lab):
    """A second site, and no alert yet."""
    async with lab.engine.begin() as c:
        await put_other_site(c)


def test_an_alert_is_assigned_to_who_may_come(migrated_url):
    """A user, or who has a token; not who is disabled or unknown; null: nobody."""

    async def ask(lab):
        await _fill(lab)
        common = {"role": "analyst", "password_hash": "x", "created_at": NOW}
        people = [
            {"name": "bob", "is_active": True, **common},
            {"name": "eve", "is_active": False, **common},
        ]
        async with lab.engine.begin() as c:
            await put_rows(c, users, people)
        names = ("bob", "ann", "eve", "nobody", "a\x00", None)
        return await _walk(lab, *(("assign", {"assignee": name}) for name in names))

    found = on_app(migrated_url, ask, **ROUTES)

    assert [status for status, _ in found] == [200, 200, 422, 422, 422, 200]
    assert [body.get("assignee") for _, body in found[:2]] == ["bob", "ann"]
    assert found[5][1]["assignee"] is None


NOTES = {
    "two\nlines\tand ü": 200,
    "": 200,
    "x" * 4000: 200,
    "x" * 4001: 400,
    "\x00": 400,
    "\x1b[2J": 400,
    "\u202e": 400,
}


def test_notes_are_plain_text(migrated_url):
    """Lines and tabs are; what moves a terminal or turns text round is not."""

    async def ask(lab):
        await _fill(lab)
        found = await _walk(lab, *(("note", {"note": text}) for text in NOTES))
        return found, await _rows(lab, audit_log, "id")

    found, written = on_app(migrated_url, ask, **ROUTES)

    assert [status for status, _ in found] == list(NOTES.values())
    assert [body["note"] for _, body in found[:2]] == ["two\nlines\tand ü", None]
    assert [one["details"]["note"] for one in written[:2]] == [
        "two\nlines\tand ü",
        None,
    ]


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("resolve", None),
        ("resolve", {}),
        ("resolve", {"resolution": "open"}),
        ("resolve", {"resolution": "resolved", "status": "open"}),
        ("assign", {}),
        ("assign", {"assignee": 5}),
        ("assign", {"assignee": "x" * 65}),
        ("note", {"text": "x"}),
        ("note?force=1", {"note": "x"}),
    ],
)
def test_bodies_that_do_not_fit_are_refused(migrated_url, action, body):
    """With the one shape of errors, and without a change."""

    async def ask(lab):
        await _fill(lab)
        return (await _walk(lab, (action, body)))[0], await _rows(lab, audit_log)

    (status, problem), written = on_app(migrated_url, ask, **ROUTES)

    assert (status, written) == (400, [])
    assert problem["code"] in {"invalid", "bad_request", "unknown_parameter"}


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("role", "site", "status"),
    [
        ("viewer", None, 403),
        ("analyst", SITE, 200),
        ("analyst", "branch", 404),
        ("admin", None, 200),
    ],
)
def test_who_may_act(migrated_url, role, site, status):
    """Analysts, on what they see."""

    async def ask(lab):
        await _fill(lab)
        return await _post(lab, "acknowledge", role=role, site=site)

    assert on_app(migrated_url, ask, **ROUTES).status_code == status


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_adopted_alert_may_be_settled(migrated_url):
    """Whatever word its status was in the older version."""
    old = {**dict.fromkeys(alert_row("")), "id": "08d1f397e35776a3", "adopted": True}

    async def ask(lab):
        await _fill(lab, {**old, "closed": True, "status": "NEW"})
        path = "/api/v1/alerts/08d1f397e35776a3/resolve"
        headers = await bearer(lab, "analyst")
        return await lab.http.post(path, json=FALSE, headers=headers)

    answer = on_app(migrated_url, ask, **ROUTES)
    assert (answer.status_code, answer.json()["status"]) == (200, "false_positive")
