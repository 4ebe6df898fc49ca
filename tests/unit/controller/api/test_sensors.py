"""Sensors as admins and viewers see them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from tests.support.app import on_app
from tests.support.batches import NOW, SENSOR, SITE, rows
from tests.support.lists import OTHER_SITE, put_other_site
from tests.support.people import bearer
from tests.support.sensor_api import as_admin

from sentinel_netlab.store.tables import audit_log, events, sensors


async def put_sensor(lab, sensor_id, **values):
    async with lab.engine.begin() as c:
        await c.execute(sa.insert(sensors).values(id=sensor_id, **values))


async def see(lab, path="", site=None):
    headers = await bearer(lab, "viewer", site)
    return await lab.http.get(f"/api/v1/sensors{path}", headers=headers)


def test_new_sensor(migrated_url):
    """The answer shows the code; no other does."""
    body = {"id": "attic", "name": "Under the roof", "site_id": SITE}

    async def ask(lab):
        made = await as_admin(lab, "POST", "/sensors", body)
        return made, await see(lab, "/attic"), await see(lab)

    made, shown, listed = on_app(migrated_url, ask)

    assert made.status_code == 201
    assert made.json()["sensor"] == shown.json()
    assert made.json()["expires_at"] == shown.json()["join_expires_at"]
    assert shown.json()["status"] == "enrolled"
    assert (shown.json()["key_version"], shown.json()["name"]) == (0, body["name"])
    assert made.json()["code"] not in shown.text + listed.text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"id": SENSOR}, 409, "sensor_exists"),
        ({"id": "attic", "site_id": "moon"}, 400, "site_unknown"),
    ],
)
def test_sensors_that_are_not_enrolled(migrated_url, body, status, code):
    """The one that has joined, and those that cannot be."""

    async def ask(lab):
        answer = await as_admin(lab, "POST", "/sensors", body)
        async with lab.engine.connect() as c:
            return answer, await rows(c, audit_log)

    answer, logged = on_app(migrated_url, ask)

    assert (answer.status_code, answer.json()["code"], logged) == (status, code, [])


@pytest.mark.parametrize(
    "body",
    [
        {"id": "Attic"},
        {"id": "attic\n"},
        {"id": "join"},
        {"id": "attic", "name": "\0"},
        {"id": "attic", "name": " "},
        {"id": "attic", "site_id": "\0"},
        {"id": "attic", "valid_hours": 0},
        {"id": "attic", "valid_hours": 999},
        {"id": "attic", "key_version": 9},
    ],
)
def test_what_is_no_enrolment(any_url, body):
    """What cannot be, and fields that nobody asked for."""

    async def ask(lab):
        return await as_admin(lab, "POST", "/sensors", body)

    answer = on_app(any_url, ask)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_list_by_pages_and_sites(migrated_url):
    """By id; who is bound to a site sees its sensors."""

    async def ask(lab):
        async with lab.engine.begin() as c:
            await put_other_site(c)
        await put_sensor(lab, "attic", site_id=OTHER_SITE)
        await put_sensor(lab, "zoo")
        first = (await see(lab, "?limit=2")).json()
        second = (await see(lab, f"?limit=2&cursor={first['next']}")).json()
        own = (await see(lab, site=OTHER_SITE)).json()
        hidden = await see(lab, f"/{SENSOR}", site=OTHER_SITE)
        of_site = (await see(lab, f"?site={SITE}")).json()
        return first, second, own, hidden, of_site

    first, second, own, hidden, of_site = on_app(migrated_url, ask)

    assert [one["id"] for one in first["items"]] == ["attic", SENSOR]
    assert ([one["id"] for one in second["items"]], second["next"]) == (["zoo"], None)
    assert [one["id"] for one in own["items"]] == ["attic"]
    assert hidden.status_code == 404
    assert [one["id"] for one in of_site["items"]] == [SENSOR]


@pytest.mark.parametrize("path", ["/moon", "/%00", "/%ff", "/a%0Ab", "/" + "x" * 65])
def test_no_such_sensor(any_url, path):
    """Whatever stands in the path."""

    async def ask(lab):
        return [
            await see(lab, path),
            await as_admin(lab, "PUT", f"/sensors{path}", {}),
            await as_admin(lab, "POST", f"/sensors{path}/disable"),
        ]

    assert {one.status_code for one in on_app(any_url, ask)} <= {400, 404}


def test_change(migrated_url):
    """What is not said stays; it is told and audited."""
    change = {
        "name": "Roof",
        "latitude_deg": 52.5,
        "longitude_deg": 13.4,
        "position_note": "by the chimney",
        "configuration": {"dwell_ms": 100},
    }

    async def ask(lab):
        answer = await as_admin(lab, "PUT", f"/sensors/{SENSOR}", change)
        again = await as_admin(lab, "PUT", f"/sensors/{SENSOR}", {})
        async with lab.engine.connect() as c:
            return answer, again, await rows(c, audit_log, "id"), await rows(c, events)

    answer, again, logged, told = on_app(migrated_url, ask)
    sensor = answer.json()

    assert answer.status_code == 200
    assert {name: sensor[name] for name in list(change)[:-1]} == {
        name: change[name] for name in list(change)[:-1]
    }
    assert (sensor["site_id"], sensor["configuration_version"]) == (SITE, 1)
    assert sensor["configuration"]["dwell_ms"] == 100
    assert again.json() == sensor
    assert (logged[0]["action"], logged[0]["resource"]) == ("change", SENSOR)
    assert {one["payload"]["change"] for one in told} == {"change"}


def test_what_was_said_can_be_taken_back(migrated_url):
    """Null is a value; a configuration that goes counts as a change of it."""
    full = {"latitude_deg": 1.0, "longitude_deg": 2.0, "configuration": {}}

    async def ask(lab):
        await as_admin(lab, "PUT", f"/sensors/{SENSOR}", full)
        nothing = {**dict.fromkeys(full), "site_id": None}
        return await as_admin(lab, "PUT", f"/sensors/{SENSOR}", nothing)

    sensor = on_app(migrated_url, ask).json()

    assert (sensor["latitude_deg"], sensor["site_id"]) == (None, None)
    assert (sensor["configuration"], sensor["configuration_version"]) == (None, 2)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"site_id": "moon"}, "site_unknown"),
        ({"latitude_deg": 1.0}, "invalid"),
        ({"latitude_deg": 91.0, "longitude_deg": 0.0}, "invalid"),
        ({"latitude_deg": 1.0, "longitude_deg": None}, "invalid"),
        ({"name": None}, "invalid"),
        ({"name": "a\u202eb"}, "invalid"),
        ({"position_note": "x" * 201}, "invalid"),
        ({"configuration": {"dwell_ms": 1}}, "invalid"),
        ({"configuration": {"dwell": 100}}, "invalid"),
        ({"configuration": {"channels_mhz": [10**30]}}, "invalid"),
        ({"configuration": {"thresholds": {"a.b\0": 1}}}, "invalid"),
        ({"key_version": 7}, "invalid"),
        ({"status": "online"}, "invalid"),
    ],
)
def test_change_that_is_refused(any_url, change, code):
    """Nothing is different afterwards, and nothing was told."""

    async def ask(lab):
        before = (await see(lab, f"/{SENSOR}")).json()
        answer = await as_admin(lab, "PUT", f"/sensors/{SENSOR}", change)
        same = (await see(lab, f"/{SENSOR}")).json() == before
        async with lab.engine.connect() as c:
            return answer, same, await rows(c, audit_log)

    answer, same, logged = on_app(any_url, ask)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert (same, logged) == (True, [])


def test_rotation_is_pending_until_the_new_key_was_used(migrated_url):
    """The sensor is online meanwhile as before."""

    async def ask(lab):
        before = await see(lab, f"/{SENSOR}")
        answer = await as_admin(lab, "POST", f"/sensors/{SENSOR}/rotate")
        return before.json(), answer.json()

    before, after = on_app(migrated_url, ask)

    assert after == {**before, "key_version": 2, "rotation_pending": True}


def test_sensor_without_a_key_has_none_to_change(migrated_url):
    """409."""

    async def ask(lab):
        await put_sensor(lab, "attic")
        return await as_admin(lab, "POST", "/sensors/attic/rotate")

    answer = on_app(migrated_url, ask)

    assert (answer.status_code, answer.json()["code"]) == (409, "not_joined")


def test_disabling_twice_is_disabling(migrated_url):
    """The audit log has it once."""

    async def ask(lab):
        path = f"/sensors/{SENSOR}"
        words = ("disable", "disable", "enable", "enable")
        found = [await as_admin(lab, "POST", f"{path}/{word}") for word in words]
        async with lab.engine.connect() as c:
            return found, await rows(c, audit_log, "id")

    found, logged = on_app(migrated_url, ask)

    assert [one.json()["status"] for one in found] == [
        "disabled", "disabled", "enrolled", "enrolled",
    ]  # fmt: skip
    assert [row["action"] for row in logged] == ["disable", "enable"]
    assert logged[0]["timestamp"] == NOW
