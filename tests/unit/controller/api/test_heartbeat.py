"""Heartbeats, and how a sensor comes by a new key without being touched."""

from __future__ import annotations

import msgspec
import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from tests.support.app import on_app, sensor_key
from tests.support.batches import NOW, NOW_US, SENSOR, SITE, rows
from tests.support.environments import HMAC_SECRET
from tests.support.sensor_api import SECTION, as_admin, beat, client_of, report

from sentinel_netlab.client.sensor import HEARTBEAT, JSON_TYPE
from sentinel_netlab.core.configuration import (
    Configuration,
    Desired,
    DesiredPolicy,
    SensorKey,
)
from sentinel_netlab.core.signing import derive_key
from sentinel_netlab.core.wire import Health
from sentinel_netlab.store.tables import events, sensors

POLICY = {"network": [{"ssid": "corp"}]}
OTHER_SECRET = "Wm7Yt2Kx9Qa4Hs6Vd1Pf8Zc3Rn5Bg0JjLlOo"  # noqa: S105  # of nobody
NEW_KEY = SensorKey(2, sensor_key(SENSOR, 2))


async def rotate(lab):
    return await as_admin(lab, "POST", f"/sensors/{SENSOR}/rotate")


def test_sensor_with_nothing_to_learn(migrated_url):
    """It is told the time."""
    answer = on_app(migrated_url, beat)

    assert (answer.time_us, answer.desired, answer.policy) == (NOW_US, None, None)
    assert answer.key is None


def test_sensor_is_told_configuration_and_policy(migrated_url):
    """Each with its version."""

    async def ask(lab):
        change = {"configuration": {"channels_mhz": [2412], "dwell_ms": 100}}
        await as_admin(lab, "PUT", f"/sensors/{SENSOR}", change)
        await as_admin(lab, "PUT", f"/sites/{SITE}", {"policy": POLICY})
        return await beat(lab)

    answer = on_app(migrated_url, ask)

    assert answer.desired == Desired(1, Configuration([2412], 100))
    assert answer.policy == DesiredPolicy(2, SITE, POLICY)


def test_configuration_of_an_adopted_sensor_is_not_told(migrated_url):
    """An older version meant something else by it."""

    async def ask(lab):
        async with lab.engine.begin() as c:
            await c.execute(sa.update(sensors).values(config={"hop": True}))
        return await beat(lab)

    assert on_app(migrated_url, ask).desired is None


def test_report_is_kept(migrated_url):
    """Health, when it was heard, what it works with; its status is the worker's."""

    async def ask(lab):
        problem = {"config_version": 3, "config_problem": "no such channel"}
        await beat(lab, health=Health(version="1.2", frames=7), **problem)
        async with lab.engine.connect() as c:
            told = await rows(c, events)
        sensor = await as_admin(lab, "GET", f"/sensors/{SENSOR}")
        return sensor.json(), told

    sensor, [event] = on_app(migrated_url, ask)

    assert sensor["last_heartbeat"] == NOW.isoformat().replace("+00:00", "Z")
    assert sensor["status"] == "enrolled"
    assert sensor["health"] == {"at_us": NOW_US, "version": "1.2", "frames": 7}
    assert (sensor["reported_version"], sensor["reported_problem"]) == (
        3,
        "no such channel",
    )
    assert (event["kind"], event["payload"]["change"]) == ("sensor", "configuration")


def test_heartbeat_without_news_tells_nobody(migrated_url):
    """Screens hear of changes."""

    async def ask(lab):
        for _ in range(2):
            await beat(lab, config_version=1)
        async with lab.engine.connect() as c:
            return await rows(c, events)

    assert len(on_app(migrated_url, ask)) == 1


def test_new_key_is_told_until_it_is_used(migrated_url):
    """Answers may be lost; nobody is locked out, and the old key ends with its use."""

    async def ask(lab):
        await rotate(lab)
        said = [(await beat(lab)).key, (await beat(lab)).key]
        used = await beat(lab, 2)
        return said, used.key, await beat(lab, 1), (await beat(lab, 2)).key

    said, used, old, later = on_app(migrated_url, ask)

    assert said == [NEW_KEY, NEW_KEY]
    assert (used, old, later) == (None, "key_revoked", None)


def test_whatever_the_new_key_signs_ends_the_old_one(migrated_url):
    """Not heartbeats alone; a request that is refused ends nothing."""

    async def ask(lab):
        await rotate(lab)
        async with client_of(lab, SENSOR, 2) as client:
            await client.put_evidence("a" * 32, b"no pcapng")
            still = await beat(lab, 1)
            await client.put_evidence("a" * 32, SECTION)
        return still, await beat(lab, 1)

    still, after = on_app(migrated_url, ask)

    assert (still.key, after) == (NEW_KEY, "key_revoked")


def test_second_rotation_overtakes_the_first(migrated_url):
    """Each of the three keys opens until a newer one was used."""

    async def ask(lab):
        await rotate(lab)
        await rotate(lab)
        versions = [(await beat(lab, version)).key for version in (1, 2)]
        return versions, await beat(lab, 1), (await beat(lab, 3)).key

    versions, old, newest = on_app(migrated_url, ask)

    assert [key.version for key in versions] == [3, 3]
    assert (old, newest) == ("key_revoked", None)


def test_key_that_was_never_made_opens_nothing(migrated_url):
    """Everybody could guess its number, nobody its bytes; it is refused anyway."""
    assert on_app(migrated_url, lambda lab: beat(lab, 2)) == "key_revoked"


def test_key_of_the_previous_master_secret_is_replaced(migrated_url):
    """It opens; the answer holds one of the new secret, of the same number."""

    async def ask(lab):
        old = await beat(lab)
        lab.signer.key = old.key.key
        answer = await lab.sensor.heartbeat(report(lab))
        return old.key, answer.content["key"]

    told, again = on_app(
        migrated_url,
        ask,
        hmac_secret=SecretStr(OTHER_SECRET),
        hmac_secret_previous=SecretStr(HMAC_SECRET),
    )

    assert told == SensorKey(1, derive_key(OTHER_SECRET.encode(), SENSOR, 1))
    assert again is None


def test_key_of_a_master_secret_that_is_gone_opens_nothing(any_url):
    """When the previous secret was taken out of the settings."""
    secret = SecretStr(OTHER_SECRET)

    assert on_app(any_url, beat, hmac_secret=secret) == "signature_invalid"


def test_disabled_sensor_is_refused_and_goes_on_later(migrated_url):
    """With the same key."""

    async def ask(lab):
        await as_admin(lab, "POST", f"/sensors/{SENSOR}/disable")
        refused = await lab.sensor.heartbeat(report(lab))
        await as_admin(lab, "POST", f"/sensors/{SENSOR}/enable")
        return refused, await lab.sensor.heartbeat(report(lab))

    refused, taken = on_app(migrated_url, ask)

    assert (refused.status, refused.code) == (403, "sensor_disabled")
    assert taken.status == 200


def test_sensor_speaks_only_as_itself(any_url):
    """Another's name on a good signature, or another's key under the right name."""

    async def ask(lab):
        body = msgspec.json.encode(report(lab))
        found = []
        for sensor_id, key_of in (("attic", SENSOR), (SENSOR, "attic")):
            lab.signer.sensor_id, lab.signer.key = sensor_id, sensor_key(key_of)
            headers = lab.signer.headers(
                "POST", HEARTBEAT, body, idempotency_key="0" * 32
            )
            headers |= {"Content-Type": JSON_TYPE, "Sentinel-Sensor": SENSOR}
            found.append(await lab.http.post(HEARTBEAT, content=body, headers=headers))
        return [(one.status_code, one.json()["code"]) for one in found]

    assert on_app(any_url, ask) == [(401, "signature_invalid")] * 2


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"at_us":-1}', b'{"at_us":1,"config_problem":"\\u0000"}',
     b'{"at_us":1e400}', b'{"at_us":1,"health":{"interface":"\\ud800"}}', b"\xff"],
)  # fmt: skip
def test_what_is_no_report_is_refused(any_url, body):
    """For its content: it is never sent again."""

    async def ask(lab):
        headers = lab.signer.headers("POST", HEARTBEAT, body, idempotency_key="0" * 32)
        headers["Content-Type"] = JSON_TYPE
        return await lab.http.post(HEARTBEAT, content=body, headers=headers)

    answer = on_app(any_url, ask)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_heartbeat")


def test_answer_with_a_key_is_not_stored_on_the_way(any_url):
    """Nor is the key in the log."""

    async def ask(lab):
        await rotate(lab)
        body = msgspec.json.encode(report(lab))
        headers = lab.signer.headers("POST", HEARTBEAT, body, idempotency_key="0" * 32)
        headers["Content-Type"] = JSON_TYPE
        answer = await lab.http.post(HEARTBEAT, content=body, headers=headers)
        return answer, lab.stream.getvalue().decode()

    answer, log = on_app(any_url, ask)

    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["key"]["key"] not in log
