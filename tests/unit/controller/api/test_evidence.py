"""Frames behind alerts, up and down."""

from __future__ import annotations

from hashlib import sha256

import pytest
from tests.support.app import on_app
from tests.support.batches import SENSOR, rows
from tests.support.lists import OTHER_SITE, alert_row, put_alerts, put_other_site
from tests.support.people import bearer
from tests.support.sensor_api import SECTION, as_admin, client_of

from sentinel_netlab.client.sensor import EVIDENCE
from sentinel_netlab.controller.api.evidence import MAX_BYTES
from sentinel_netlab.store.tables import evidence

ID = "a".rjust(32, "0")


async def raise_alert(lab, **values):
    async with lab.engine.begin() as c:
        await put_alerts(c, alert_row("a", **values))


async def see(lab, alert_id=ID, site=None):
    headers = await bearer(lab, "viewer", site)
    return await lab.http.get(EVIDENCE.format(alert_id=alert_id), headers=headers)


async def stored(lab):
    async with lab.engine.connect() as c:
        return await rows(c, evidence)


async def join_attic(lab):
    """A second sensor, by the way that sensors come."""
    answer = await as_admin(lab, "POST", "/sensors", {"id": "attic"})
    await lab.http.post("/api/v1/sensors/join", json={"code": answer.json()["code"]})
    return client_of(lab, "attic")


def test_what_was_sent_is_given(migrated_url):
    """As a file that Wireshark opens."""

    async def ask(lab):
        await raise_alert(lab)
        return await lab.sensor.put_evidence(ID, SECTION), await see(lab)

    taken, given = on_app(migrated_url, ask)

    digest = sha256(SECTION).hexdigest()
    assert (taken.status, taken.content["digest"]) == (201, digest)
    assert (given.status_code, given.content) == (200, SECTION)
    assert given.headers["content-type"] == "application/x-pcapng"
    assert given.headers["content-disposition"] == (
        f'attachment; filename="alert-{ID}.pcapng"'
    )


def test_same_bytes_again(migrated_url):
    """200, and nothing changes."""

    async def ask(lab):
        sent = [await lab.sensor.put_evidence(ID, SECTION) for _ in range(2)]
        return sent, await stored(lab)

    (first, second), kept = on_app(migrated_url, ask)

    assert (first.status, second.status) == (201, 200)
    assert len(kept) == 1


def test_frames_without_their_alert_are_not_given(migrated_url):
    """They are when it comes."""

    async def ask(lab):
        await lab.sensor.put_evidence(ID, SECTION)
        early = await see(lab)
        await raise_alert(lab)
        return early, await see(lab)

    early, later = on_app(migrated_url, ask)

    assert (early.status_code, later.status_code) == (404, 200)


def test_sensor_speaks_only_as_itself(migrated_url):
    """Its good signature does not open another's alert."""

    async def ask(lab):
        await raise_alert(lab)
        async with await join_attic(lab) as attic:
            return await attic.put_evidence(ID, SECTION), await stored(lab)

    answer, kept = on_app(migrated_url, ask)

    assert (answer.status, answer.code, kept) == (403, "sensor_mismatch", [])


def test_place_that_another_sensor_took_becomes_free_with_the_alert(migrated_url):
    """The alert's own sensor is asked to come again, and then heard."""

    async def ask(lab):
        async with await join_attic(lab) as attic:
            await attic.put_evidence(ID, SECTION + b"lie")
        early = await lab.sensor.put_evidence(ID, SECTION)
        await raise_alert(lab)
        lie = await see(lab)
        return early, lie, await lab.sensor.put_evidence(ID, SECTION), await see(lab)

    early, lie, late, given = on_app(migrated_url, ask)

    assert (early.status, early.code, early.retry_after_s) == (
        409,
        "evidence_claimed",
        60.0,
    )
    assert (lie.status_code, late.status, given.content) == (404, 201, SECTION)


def test_other_sites_see_nothing(migrated_url):
    """Who is bound to a site gets what belongs to it."""

    async def ask(lab):
        async with lab.engine.begin() as c:
            await put_other_site(c)
        await raise_alert(lab)
        await lab.sensor.put_evidence(ID, SECTION)
        return await see(lab, site=OTHER_SITE)

    assert on_app(migrated_url, ask).status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" * 10,
        SECTION[:-1],
        SECTION[:8] + bytes(20),
        b"\xd4\xc3\xb2\xa1" * 9,
    ],
)
def test_what_is_no_pcapng(any_url, content):
    """By its first octets; the older format is another one."""

    async def ask(lab):
        return await lab.sensor.put_evidence(ID, content), await stored(lab)

    answer, kept = on_app(any_url, ask)

    assert (answer.status, answer.code, kept) == (400, "bad_evidence", [])


@pytest.mark.parametrize(("more", "status"), [(0, 201), (1, 413)])
def test_size_is_bounded(any_url, more, status):
    """256 KiB are taken, and not a byte more."""
    content = SECTION.ljust(MAX_BYTES + more, b"\0")

    async def ask(lab):
        return await lab.sensor.put_evidence(ID, content)

    assert on_app(any_url, ask).status == status


@pytest.mark.parametrize("alert_id", ["a", "A" * 32, "%00" * 32, "g" * 32])
def test_what_is_no_id(any_url, alert_id):
    """Neither kept nor looked for."""

    async def ask(lab):
        return await lab.sensor.put_evidence(alert_id, SECTION), await see(
            lab, alert_id
        )

    put, get = on_app(any_url, ask)

    assert (put.status, get.status_code) == (400, 404)


def test_without_signature(any_url):
    """401, before anything else."""

    async def ask(lab):
        path, headers = EVIDENCE.format(alert_id=ID), await bearer(lab, "admin")
        return await lab.http.put(path, content=SECTION, headers=headers)

    answer = on_app(any_url, ask)

    assert (answer.status_code, answer.json()["code"]) == (401, "signature_missing")


def test_signature_for_another_alert_is_refused(any_url):
    """The path is signed."""

    async def ask(lab):
        headers = lab.signer.headers(
            "PUT", EVIDENCE.format(alert_id=ID), SECTION, idempotency_key="0" * 32
        )
        headers["Content-Type"] = "application/x-pcapng"
        other = EVIDENCE.format(alert_id="b" * 32)
        return await lab.http.put(other, content=SECTION, headers=headers)

    assert on_app(any_url, ask).json()["code"] == "signature_invalid"


def test_replayed_evidence_has_no_effect(migrated_url):
    """Even after newer frames came."""

    async def ask(lab):
        path = EVIDENCE.format(alert_id=ID)
        headers = lab.signer.headers("PUT", path, SECTION, idempotency_key="0" * 32)
        headers["Content-Type"] = "application/x-pcapng"
        await lab.http.put(path, content=SECTION, headers=headers)
        await lab.sensor.put_evidence(ID, SECTION + b"more")
        return await lab.http.put(path, content=SECTION, headers=headers), await stored(
            lab
        )

    answer, [row] = on_app(migrated_url, ask)

    assert (answer.json()["code"], row["pcapng"]) == ("replayed", SECTION + b"more")
    assert row["sensor_id"] == SENSOR
