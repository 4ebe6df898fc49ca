"""A code becomes a key, once."""

from __future__ import annotations

import asyncio
import base64

import pytest
from tests.support.app import on_app, sensor_key, transport_to
from tests.support.batches import NOW_US, rows
from tests.support.sensor_api import BASE, as_admin, beat

from sentinel_netlab.client.sensor import SensorClient
from sentinel_netlab.controller.wiring import JOIN_BURST
from sentinel_netlab.store.tables import audit_log

JOIN = "/api/v1/sensors/join"


async def enroll(lab, sensor_id="attic", **values):
    answer = await as_admin(lab, "POST", "/sensors", {"id": sensor_id, **values})
    return answer.json()["code"]


async def join(lab, code, http=None):
    return await (http or lab.http).post(JOIN, json={"code": code})


def test_code_becomes_a_key_that_opens(migrated_url):
    """It is the one that the controller derives; nothing else knows it."""

    async def ask(lab):
        answer = await join(lab, await enroll(lab))
        return answer, await beat(lab, 1, "attic")

    answer, heard = on_app(migrated_url, ask)

    assert answer.json() == {
        "sensor_id": "attic",
        "time_us": NOW_US,
        "key": {
            "version": 1,
            "key": base64.b64encode(sensor_key("attic")).decode(),
        },
    }
    assert answer.headers["cache-control"] == "no-store"
    assert heard.time_us == NOW_US


def test_of_many_who_show_a_code_one_joins(migrated_url):
    """At the same time."""

    async def ask(lab):
        code = await enroll(lab)
        answers = await asyncio.gather(*(join(lab, code) for _ in range(5)))
        return sorted(answer.status_code for answer in answers)

    assert on_app(migrated_url, ask) == [200, 401, 401, 401, 401]


@pytest.mark.parametrize("hours", [1.0, 1.5])
def test_code_ends(migrated_url, hours):
    """At its hour."""

    async def ask(lab):
        code = await enroll(lab, valid_hours=1.0)
        lab.clock.advance(hours * 3600)
        return await join(lab, code)

    answer = on_app(migrated_url, ask)

    assert (answer.status_code, answer.json()["code"]) == (401, "join_refused")


def test_joining_again_ends_the_older_key(migrated_url):
    """A machine that was replaced is no longer the sensor."""

    async def ask(lab):
        await join(lab, await enroll(lab))
        code = await enroll(lab, again=True)
        before = await beat(lab, 1, "attic")
        await join(lab, code)
        return before, await beat(lab, 1, "attic"), await beat(lab, 2, "attic")

    before, old, new = on_app(migrated_url, ask)

    assert (before.key, old, new.key) == (None, "key_revoked", None)


def test_address_may_try_so_often(any_url):
    """Others may go on; good codes are refused too until its time has come."""

    async def ask(lab):
        code = await enroll(lab)
        tried = [await join(lab, "wrong") for _ in range(JOIN_BURST + 1)]
        barred = await join(lab, code)
        transport = transport_to(lab.app, "192.0.2.99")
        async with SensorClient(BASE, transport=transport) as other:
            joined = await other.join(code, now=lab.clock.wall())
        return tried, barred, joined

    tried, barred, joined = on_app(any_url, ask)

    assert [one.status_code for one in tried] == [401] * JOIN_BURST + [429]
    assert (barred.status_code, barred.headers["retry-after"]) == (429, "10")
    assert joined.status == 200


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"code":""}', b'{"code":7}', b'{"code":"a","b":1}']
)
def test_what_is_no_request_to_join(any_url, body):
    """It is told so, in the one shape."""
    headers = {"Content-Type": "application/json"}

    async def ask(lab):
        return await lab.http.post(JOIN, content=body, headers=headers)

    assert on_app(any_url, ask).status_code == 400


def test_large_body_is_not_read(any_url):
    """A code is short."""

    async def ask(lab):
        return await join(lab, "x" * 2_000)

    assert on_app(any_url, ask).status_code == 413


def test_joining_is_audited(migrated_url):
    """By the sensor, with the address; neither code nor key is in it or in the log."""

    async def ask(lab):
        code = await enroll(lab)
        answer = await join(lab, code)
        async with lab.engine.connect() as c:
            logged = await rows(c, audit_log, "id")
        secrets = [code, answer.json()["key"]["key"]]
        return logged, secrets, lab.stream.getvalue().decode()

    logged, secrets, log = on_app(migrated_url, ask)

    assert [(row["action"], row["actor"]) for row in logged][1:] == [
        ("join", "sensor:attic")
    ]
    assert logged[1]["ip_address"] == "192.0.2.7"
    assert not any(secret in log + repr(logged) for secret in secrets)
