"""What a batch does to the store."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from hashlib import sha256

import msgspec
import pytest
import sqlalchemy as sa
from tests.support.batches import (
    NOW,
    NOW_US,
    SENSOR,
    alert,
    batch,
    client,
    in_transaction,
    observation,
    rows,
)
from tests.support.benches import Ear

from sentinel_netlab.core.wire import Health, encode_batch
from sentinel_netlab.store.queue import Job
from sentinel_netlab.store.tables import (
    alerts,
    events,
    incidents,
    networks,
    notices,
    sensors,
    stations,
    telemetry,
)
from sentinel_netlab.worker.batches import PoisonError, read_job, store_batch

DAY_US = 86_400_000_000


def job_of(one, body: bytes | None = None, received_at=NOW) -> Job:
    """A leased job of *one*."""
    content = encode_batch(one) if body is None else body
    return Job(
        job_id=f"{one.sensor_id}:{one.batch_id}",
        sensor_id=one.sensor_id,
        batch_id=one.batch_id,
        body=content,
        encoding="identity",
        digest=sha256(content).hexdigest(),
        received_at=received_at,
        attempts=1,
        owner="w",
    )


def after(url: str, *batches, tables=(), channels=()):
    """What storing each gave, and the *tables*."""

    async def run(c):
        stored = [
            await store_batch(c, job_of(one), read_job(job_of(one)), channels)
            for one in batches
        ]
        return stored, [await rows(c, table) for table in tables]

    return in_transaction(url, run)


def test_batch_becomes_rows_inventory_and_alerts(migrated_url):
    """All that it tells, in one transaction."""
    one = batch(observations=[observation(1), client(2)], alerts=[alert()])
    [stored], found = after(
        migrated_url, one, tables=(telemetry, networks, stations, alerts, incidents)
    )

    assert stored.observations == 2
    assert [len(table) for table in found] == [2, 1, 1, 1, 1]
    [raised], [incident] = found[3:]
    assert raised["incident_id"] == incident["id"]
    assert incident["subjects"]["bssids"] == ["02:00:00:00:00:01"]


def test_related_alerts_of_two_batches_are_one_incident(migrated_url):
    """And the screens hear of it."""
    _, [[incident], told] = after(
        migrated_url,
        batch(1, alerts=[alert()]),
        batch(2, alerts=[alert("b", code="WD202", severity="critical")]),
        tables=(incidents, events),
    )

    assert (incident["alerts"], incident["severity"]) == (2, "critical")
    assert [(one["kind"], one["payload"]["change"]) for one in told] == [
        ("alert", "raised"),
        ("incident", "opened"),
        ("alert", "raised"),
        ("incident", "updated"),
    ]


def test_observation_counts_once_in_the_inventory(migrated_url):
    """The second net holds there too."""
    twice = [batch(1, observations=[observation(1)])]
    twice.append(batch(2, observations=[observation(1), observation(2)]))
    stored, [[network]] = after(migrated_url, *twice, tables=(networks,))

    assert [one.observations for one in stored] == [1, 1]
    assert network["frames"] == 180


@pytest.mark.parametrize(
    ("shift_us", "why"), [(2 * DAY_US, "future"), (-401 * DAY_US, "past")]
)
def test_impossible_times_are_quarantined(migrated_url, shift_us, why):
    """Kept and marked; the inventory and incidents do not believe them."""
    time_us = NOW_US + shift_us
    odd = observation(1, window_us=time_us, first_us=time_us, last_us=time_us)
    raised = alert(first_us=time_us, raised_us=time_us, last_us=time_us)
    _, [[row], [kept], *empty] = after(
        migrated_url,
        batch(observations=[odd], alerts=[raised]),
        tables=(telemetry, alerts, networks, stations, incidents),
    )

    assert row["raw_data"] == {"quarantined": why}
    assert kept["reason_codes"] == [f"time_{why}"]
    assert empty == [[], [], []]


def test_health_opens_and_closes_system_alerts(migrated_url):
    """Drops and a wrong clock, by the newest report."""
    ill = Health(frames=900, dropped_frames=100, clock_offset_s=9.0)
    well = Health(frames=1_000, clock_offset_s=0.1)
    _, [found, [sensor]] = after(
        migrated_url,
        batch_at(1, NOW_US, health=ill),
        batch_at(2, NOW_US + 1, health=well),
        tables=(alerts, sensors),
    )

    assert sorted(row["code"] for row in found) == ["SY002", "SY003"]
    assert all(row["closed"] for row in found)
    assert sensor["clock_offset_s"] == 0.1


def test_older_report_opens_nothing(migrated_url):
    """It was overtaken."""
    ill = Health(clock_offset_s=9.0)
    _, [found] = after(
        migrated_url,
        batch_at(2, NOW_US, health=Health()),
        batch_at(1, NOW_US - 1, health=ill),
        tables=(alerts,),
    )

    assert found == []


def batch_at(number: int, created_us: int, **values):
    """A batch made at that time."""
    return msgspec.structs.replace(batch(number, **values), created_us=created_us)


def test_sensor_cannot_speak_for_the_server(migrated_url):
    """System alerts are not the sensor's to send."""
    [stored], [found] = after(
        migrated_url, batch(alerts=[alert(code="SY001")]), tables=(alerts,)
    )

    assert stored.refused_alerts == ("a" * 32,)
    assert found == []


def test_channels_hear_of_what_matters(migrated_url):
    """The beginning, what gets worse, the end; not each frame more."""
    states = [
        alert(),
        alert(count=65, last_us=NOW_US),
        alert(severity="critical", last_us=NOW_US + 1),
        alert(severity="critical", last_us=NOW_US + 2, closed=True),
    ]
    batches = [batch(n, alerts=[state]) for n, state in enumerate(states)]
    _, [told] = after(migrated_url, *batches, tables=(notices,), channels=[Ear()])

    assert [one["payload"]["what"] for one in told] == ["raised", "escalated", "closed"]
    assert {one["incident_id"] for one in told} == {told[0]["incident_id"]}


def test_sensor_without_site_has_no_inventory(migrated_url):
    """Its observations and alerts are kept."""

    async def run(c):
        await c.execute(sa.update(sensors).values(site_id=None))
        one = batch(observations=[observation(1)], alerts=[alert()])
        stored = await store_batch(c, job_of(one), one, [])
        return stored.observations, await rows(c, networks), await rows(c, incidents)

    count, found, [incident] = in_transaction(migrated_url, run)

    assert (count, found, incident["site_id"]) == (1, [], None)


def test_unknown_sensor_is_poison(migrated_url):
    """No attempt will find it."""
    with pytest.raises(PoisonError, match="no sensor"):
        after(migrated_url, batch(sensor_id="attic"))


def test_receipt_is_a_sign_of_life(migrated_url):
    """By the server's clock, whatever the batch says."""

    async def run(c):
        one = batch()
        late = job_of(one, received_at=NOW + timedelta(hours=1))
        await store_batch(c, late, one, [])
        return await rows(c, sensors)

    [sensor] = in_transaction(migrated_url, run)

    assert sensor["last_heartbeat"] == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("body", "encoding", "what"),
    [
        (b"{}", "identity", "WireError"),
        (b"\x28\xb5\x2f\xfd", "zstd", "InflateError: bad_encoding"),
        (b"x", "br", "InflateError: unsupported_encoding"),
        (encode_batch(batch(5)), "identity", "another id"),
        (encode_batch(batch(sensor_id="attic")), "identity", "another sensor"),
    ],
)
def test_bad_body_is_poison(body, encoding, what):
    """The error says what, never what was in it."""
    job = dataclasses.replace(job_of(batch(), body), encoding=encoding)

    with pytest.raises(PoisonError, match=what):
        read_job(job)


def test_good_body_is_read():
    """As it was sent."""
    one = batch(3, observations=[observation(1)], alerts=[alert()])

    assert read_job(job_of(one)) == one
    assert one.sensor_id == SENSOR


def test_body_that_was_changed_is_poison():
    """It is not what the controller checked, so nobody knows what it holds."""
    job = dataclasses.replace(job_of(batch()), digest="0" * 64)

    with pytest.raises(PoisonError, match="not the one that was accepted"):
        read_job(job)
