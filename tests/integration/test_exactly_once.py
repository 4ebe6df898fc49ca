"""Whatever is sent how often, and whoever dies meanwhile: stored exactly once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.support.batches import furnish, on_engine, rows
from tests.support.controllers import furnish_lab
from tests.support.environments import HMAC_SECRET
from tests.support.evidence import evidence
from tests.support.fleet import fleet
from tests.support.ledger import Sender, batches_of

from sentinel_netlab.core.signing import derive_key
from sentinel_netlab.store.engine import make_engine, reading
from sentinel_netlab.store.queue import depth
from sentinel_netlab.store.tables import (
    alerts,
    events,
    ingest_jobs,
    networks,
    sensors,
    sites,
    stations,
    telemetry,
)

DRAIN_S = 300.0
SEED = 20_261_125
OURS = "WD101"
"""Code of what sensors send; that they were silent meanwhile is said by others."""


@dataclass(frozen=True)
class Plan:
    """How much of everything."""

    sensors: int
    batches: int
    size: int
    each: int
    kills: tuple[int, ...]

    @property
    def observations(self) -> int:
        """All of them."""
        return self.sensors * self.batches * self.size


def plan_of(kind: str, *, full: bool) -> Plan:
    """SQLite serves one of each; at full size each kind is killed 21 times."""
    each = 1 if kind == "sqlite" else 3
    if full:
        kills = (21 // each,) * each
        return Plan(sensors=10, batches=200, size=100, each=each, kills=kills)
    return Plan(sensors=3, batches=8, size=20, each=each, kills=(1,))


async def run_plan(plan: Plan, folder: Path, url: str, *, lab: bool) -> list[Sender]:
    """Senders and troubles at the same time, until all is worked off."""
    place = None if lab else url
    async with fleet(folder, url=place, each=plan.each, kills=plan.kills) as made:
        senders = [_sender(plan, folder, n, lab=lab) for n in range(plan.sensors)]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(made.trouble(random.Random(SEED)))
            for one in senders:
                tasks.create_task(one.send_all(made))
        await made.all_ready()
        for one in senders:
            await one.forge(made)
        await _worked_off(url)
    return senders


def _sender(plan: Plan, folder: Path, number: int, *, lab: bool) -> Sender:
    name, chance = f"s{number}", random.Random(SEED + 1 + number)
    master = HMAC_SECRET
    if lab:
        master = (folder / "controller_hmac_secret").read_text().strip()
    key = derive_key(master.encode(), name, 1)
    now = datetime.now(UTC)
    batches = list(batches_of(name, plan.batches, plan.size, chance, now))
    return Sender(name, key, batches, chance)


async def _worked_off(url: str) -> None:
    """Wait until no job waits or is leased."""
    engine = make_engine(url)
    try:
        async with asyncio.timeout(DRAIN_S):
            while True:
                async with reading(engine).connect() as c:
                    now = await depth(c, datetime.now(UTC))
                if now.queued + now.leased == 0:
                    return
                await asyncio.sleep(0.2)
    finally:
        await engine.dispose()


def found_in(url: str) -> dict[str, Any]:
    """What the store holds, as far as it was sent."""

    async def run(engine):
        async with engine.connect() as c:
            seen = sa.select(
                telemetry.c.sensor_id, telemetry.c.seq, telemetry.c.frames,
                telemetry.c.octets,
            )  # fmt: skip
            inventory = [
                (await c.execute(sa.select(sa.func.sum(table.c.frames)))).scalar()
                for table in (networks, stations)
            ]
            statuses = sa.select(ingest_jobs.c.status, sa.func.count())
            return {
                "rows": sorted(tuple(row) for row in await c.execute(seen)),
                "inventory": [int(one or 0) for one in inventory],
                "jobs": dict(
                    (await c.execute(statuses.group_by(ingest_jobs.c.status))).all()
                ),
                "alerts": {
                    row["id"]: row["count"]
                    for row in await rows(c, alerts)
                    if row["code"] == OURS
                },
                "raised": sorted(
                    row["subject_id"]
                    for row in await rows(c, events)
                    if row["payload"]["change"] == "raised"
                    and row["payload"]["code"] == OURS
                ),
            }

    return on_engine(url, run)


def sent_by(senders: list[Sender]) -> dict[str, Any]:
    """What was acknowledged, in the form of `found_in`."""
    known = {
        (sender.sensor_id, one.seq): one
        for sender in senders
        for one_batch in sender.batches
        for one in one_batch.observations
        if one.seq in sender.ledger
    }
    told = [
        change for sender in senders for one in sender.batches for change in one.alerts
    ]
    counts = {change.id: 0 for change in told}
    for change in told:
        counts[change.id] = max(counts[change.id], change.count)
    return {
        "rows": sorted((*key, one.frames, one.octets) for key, one in known.items()),
        "inventory": [
            sum(
                one.frames for one in known.values() if (one.bssid is not None) is is_ap
            )
            for is_ap in (True, False)
        ],
        "jobs": {"done": sum(len(sender.batches) for sender in senders)},
        "alerts": counts,
        "raised": sorted(counts),
    }


def enrol(url: str, names: list[str]) -> None:
    """A site with those sensors."""

    async def run(engine):
        async with engine.begin() as c:
            await c.execute(sa.delete(sensors))
            await c.execute(sa.delete(sites))
            await furnish(c, *names)

    on_engine(url, run)


def check(plan: Plan, folder: Path, url: str) -> list[Sender]:
    """Run *plan*: what was acknowledged is all of it, and is what is stored."""
    lab = url.startswith("sqlite")
    if lab:
        folder.chmod(0o700)
        furnish_lab(folder)
        url = f"sqlite:///{folder / 'sentinel.db'}"
    enrol(url, [f"s{number}" for number in range(plan.sensors)])
    senders = asyncio.run(run_plan(plan, folder, url, lab=lab))
    found, sent = found_in(url), sent_by(senders)

    assert sum(len(sender.ledger) for sender in senders) == plan.observations
    assert found == sent
    for sender in senders:
        assert sender.wrong == ["422 idempotency_conflict"]
    return senders


def test_ledger_equals_store(database_kind, migrated_url, tmp_path):
    """Duplicates, reordering, and kill -9 of controllers and workers meanwhile."""
    check(plan_of(database_kind, full=False), tmp_path, migrated_url)


@pytest.mark.long
@pytest.mark.timeout(3_600)
def test_ledger_equals_store_at_full_size(database_kind, migrated_url, tmp_path):
    """200,000 observations; controllers and workers killed 21 times each."""
    plan = plan_of(database_kind, full=True)
    names = {"postgresql16": "exactly-once"}
    with evidence(names.get(database_kind, f"exactly-once-{database_kind}"), SEED) as e:
        e |= {
            "database": database_kind,
            "observations": plan.observations,
            "batches": plan.sensors * plan.batches,
            "controllers": plan.each,
            "workers": plan.each,
            "kills_of_controllers": sum(plan.kills),
            "kills_of_workers": sum(plan.kills),
        }
        senders = check(plan, tmp_path, migrated_url)
        answers = sum((sender.answers for sender in senders), Counter())
        e["answers"] = {str(status): answers[status] for status in sorted(answers)}
        e["lost"] = e["stored_twice"] = 0
