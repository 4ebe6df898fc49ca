"""What is forgotten, and what never is."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.support.batches import NOW, SENSOR, batch, in_transaction, put

from sentinel_netlab.store.retention import Ages, purges
from sentinel_netlab.store.tables import (
    alerts,
    evidence,
    incidents,
    ingest_jobs,
    metadata,
    notices,
    sensor_nonces,
    telemetry,
)


def ago(days: float):
    """That long before."""
    return NOW - timedelta(days=days)


async def remaining(c, table: sa.Table, **options) -> int:
    """Rows of *table* after all purges."""
    for purge in purges(Ages(), **options).values():
        while await purge(c, NOW, 2) == 2:
            pass
    return (await c.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()


def kept(url: str, table: sa.Table, *given: dict, **options) -> int:
    """How many of *given* remain."""

    async def run(c):
        for row in given:
            await c.execute(sa.insert(table).values(**row))
        return await remaining(c, table, **options)

    return in_transaction(url, run)


def heard(days: float, received_days: float | None = None, **values):
    """An observation of that age."""
    received = days if received_days is None else received_days
    row = {"timestamp": ago(days), "ingested_at": ago(received), "adopted": False}
    return {"sensor_id": SENSOR, "epoch": "1", **row, **values}


def test_old_observations_go_in_batches(migrated_url):
    """Five old ones, two at a time; one of thirty days is not older than that."""
    old = [heard(31, seq=number) for number in range(5)]

    assert kept(migrated_url, telemetry, *old, heard(30, seq=9)) == 1


def test_wrong_clocks_are_kept_as_long(migrated_url):
    """1970 and 2100 by the sensor's clock, received today; and received long ago."""
    rows = [heard(20_000, 1, seq=1), heard(-27_000, 1, seq=2)]
    gone = [heard(20_000, 31, seq=3), heard(-27_000, 31, seq=4)]

    assert kept(migrated_url, telemetry, *rows, *gone) == 2


ADOPTED = {
    "telemetry": (telemetry, heard(400, seq=None, adopted=True)),
    "telemetry without receipt": (
        telemetry,
        heard(400, adopted=True) | {"ingested_at": None},
    ),
    "alerts": (alerts, {"id": "1", "created_at": ago(400), "adopted": True}),
    "ingest_jobs": (
        ingest_jobs,
        {"job_id": "1", "sensor_id": SENSOR, "received_at": ago(400),
         "status": "done", "done_at": ago(400), "adopted": True},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ADOPTED)
def test_adopted_rows_stay_until_asked_for(migrated_url, name):
    """Whatever their age."""
    table, row = ADOPTED[name]

    assert kept(migrated_url, table, row) == 1
    assert kept(migrated_url, table, include_adopted=True) == 0


def raised(name: str, days: float, seen_days: float):
    """An alert stored and seen that long ago."""
    return {
        "id": name,
        "created_at": ago(days),
        "last_seen": ago(seen_days),
        "adopted": False,
        "closed": True,
    }


def test_alert_goes_by_when_it_was_last_seen(migrated_url):
    """One that goes on for years stays; one of the far future does not."""
    rows = [raised("a", 400, 1), raised("b", 366, 366), raised("c", 400, -30_000)]

    assert kept(migrated_url, alerts, *rows) == 1


def test_evidence_waits_a_day_for_its_alert(migrated_url):
    """And then goes with it; what another sensor sent never was its evidence."""

    async def run(c):
        mine, other = raised("a", 2, 2) | {"sensor_id": SENSOR}, raised("d", 2, 2)
        for values in (mine, other):
            await c.execute(sa.insert(alerts).values(**values))
        for name, days in (("a", 2), ("b", 0.9), ("c", 1.1), ("d", 1.1)):
            row = {"alert_id": name, "sensor_id": SENSOR, "received_at": ago(days)}
            await c.execute(
                sa.insert(evidence).values(**row, digest="d", pcapng=b"frames")
            )
        await remaining(c, evidence)
        return sorted((await c.execute(sa.select(evidence.c.alert_id))).scalars())

    assert in_transaction(migrated_url, run) == ["a", "b"]


def test_incident_goes_after_its_alerts(migrated_url):
    """Old and empty."""

    async def run(c):
        for name in ("1", "2"):
            row = {"id": name, "first_seen": ago(400), "last_seen": ago(400)}
            told = {"title": "t", "severity": "low", "subjects": {}}
            await c.execute(sa.insert(incidents).values(**row, **told))
        young = {**raised("a", 1, 1), "incident_id": "1"}
        await c.execute(sa.insert(alerts).values(**young))
        return await remaining(c, incidents)

    assert in_transaction(migrated_url, run) == 1


def test_keys_of_batches_go_after_ninety_days(migrated_url):
    """Of batches that are done; a dead one waits for somebody."""

    async def run(c):
        for number, (status, days) in enumerate(
            [("done", 91), ("done", 89), ("dead", 400), ("queued", 400)]
        ):
            await put(c, batch(number), now=ago(days))
            await c.execute(
                sa.update(ingest_jobs)
                .where(ingest_jobs.c.batch_id == f"{number:032x}")
                .values(status=status, done_at=ago(days))
            )
        return await remaining(c, ingest_jobs)

    assert in_transaction(migrated_url, run) == 3


def test_nonces_and_notices_go(migrated_url):
    """When their time is over."""
    used = {"keyid": "roof.v1", "nonce": "n", "expires_at": ago(0.001)}
    told = {"channel": "log", "payload": {}, "next_attempt_at": NOW}

    assert kept(migrated_url, sensor_nonces, used) == 0
    assert kept(migrated_url, notices, told | {"created_at": ago(8)}) == 0


def test_audit_is_not_among_them():
    """Nor anything else that people entered."""
    tables = {name.split(",")[0] for name in purges(Ages(), include_adopted=True)}

    assert not tables & {"audit_log", "users", "api_tokens", "sites", "sensors"}
    assert tables <= set(metadata.tables)
