"""Ten thousand ways to touch the audit log, and the row that each is found at."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.support.batches import NOW
from tests.support.databases import KINDS, migrated_database
from tests.support.evidence import evidence
from tests.support.tampering import unlock

from sentinel_netlab.store.audit import record, verify_rows
from sentinel_netlab.store.audit_chain import Head
from sentinel_netlab.store.engine import make_engine
from sentinel_netlab.store.tables import audit_head, audit_log

ROWS = 24
SEED = 20260301
PER_DATABASE = {"sqlite": 6_000, "postgresql16": 2_000, "postgresql18": 2_000}
_columns = audit_log.c
_MOVED = tuple(c.name for c in _columns if c.name not in ("id", "position"))


@dataclass
class Attacker:
    """
    Touches the log at random.

    Attributes:
        rows: the whole log, by position from 1.
    """

    c: AsyncConnection
    chance: random.Random
    rows: list[dict[str, Any]]

    async def alter(self) -> int:
        """Another value in one column of one row."""
        row = self.chance.choice(self.rows)
        name = self.chance.choice([*_MOVED, "id", "position"])
        await self._set(row, **{name: self._other(name, row[name])})
        return row["position"]

    async def delete(self) -> int:
        """Some rows, the last ones among them."""
        gone = self.chance.sample(range(1, ROWS + 1), self.chance.randint(1, 4))
        await self.c.execute(sa.delete(audit_log).where(_columns.position.in_(gone)))
        return min(gone)

    async def truncate(self) -> int:
        """All rows from one on."""
        first = self.chance.randint(1, ROWS)
        await self.c.execute(sa.delete(audit_log).where(_columns.position >= first))
        return first

    async def swap(self) -> int:
        """What two rows say, with their hashes or without."""
        one, two = self.chance.sample(self.rows, 2)
        names = _MOVED if self.chance.random() < 0.5 else _MOVED[:-2]
        await self._set(one, **{name: two[name] for name in names})
        await self._set(two, **{name: one[name] for name in names})
        return min(one["position"], two["position"])

    async def replace(self) -> int:
        """A row by a copy of another one."""
        one, two = self.chance.sample(self.rows, 2)
        await self._set(one, **{name: two[name] for name in _MOVED})
        return one["position"]

    async def hide(self) -> int:
        """A row among those that stand before the chain."""
        row = self.chance.choice(self.rows)
        await self._set(row, position=None, hash=None, previous_hash=None)
        return row["position"]

    async def _set(self, row: dict[str, Any], **values: Any) -> None:
        change = sa.update(audit_log).where(_columns.id == row["id"])
        await self.c.execute(change.values(**values))

    def _other(self, name: str, value: Any) -> Any:
        if name == "timestamp":
            return value + timedelta(microseconds=self.chance.choice([-1, 1, 10**9]))
        if name in ("id", "position"):
            return value + self.chance.choice([1, -1]) * 1_000
        if name == "details":
            return self.chance.choice([None, {}, value | {"n": -1}, [value]])
        if "hash" in name:
            at = self.chance.randrange(64)
            digit = self.chance.choice(
                [d for d in "0123456789abcdef" if d != value[at]]
            )
            return value[:at] + digit + value[at + 1 :]
        return self.chance.choice([value + " ", value[:-1], value.upper() + "x"])


KINDS_OF_TOUCH = ("alter", "delete", "truncate", "swap", "replace", "hide")


async def fill(c: AsyncConnection) -> list[dict[str, Any]]:
    """A log of `ROWS` rows, no two alike."""
    for number in range(ROWS):
        await record(
            c,
            event_type=f"noun{number}",
            actor=f"actor{number}",
            action=f"verb{number}",
            resource=f"thing{number}",
            details={"n": number},
            ip_address=f"192.0.2.{number}",
            now=NOW + timedelta(seconds=number),
        )
    query = sa.select(audit_log).order_by(_columns.position)
    return [dict(row) for row in (await c.execute(query)).mappings()]


async def touch(url: str, count: int, seed: int) -> Counter[str]:
    """Touch the log of *url* *count* times, each time the whole one."""
    found: Counter[str] = Counter()
    engine = make_engine(url)
    try:
        async with engine.begin() as c:
            await unlock(c)
            attacker = Attacker(c, random.Random(seed), await fill(c))
            for _ in range(count):
                kind = attacker.chance.choice(KINDS_OF_TOUCH)
                async with c.begin_nested() as point:
                    first = await getattr(attacker, kind)()
                    fault = (await verify_rows(c)).fault
                    await point.rollback()
                row_id = attacker.rows[first - 1]["id"]
                named = fault and (fault.position == first or fault.row_id == row_id)
                found[f"{kind}: {'found' if named else 'missed'}"] += 1
            assert (await verify_rows(c)).fault is None
    finally:
        await engine.dispose()
    return found


async def forge_end(url: str, count: int, seed: int) -> Counter[str]:
    """Cut the log and forge its head, *count* times: an anchor is needed to tell."""
    found: Counter[str] = Counter()
    chance, engine = random.Random(seed), make_engine(url)
    try:
        async with engine.begin() as c:
            await unlock(c)
            rows = await fill(c)
            anchor = Head(ROWS, rows[-1]["hash"])
            for _ in range(count):
                last = rows[chance.randint(1, ROWS - 1) - 1]
                async with c.begin_nested() as point:
                    rest = _columns.position > last["position"]
                    await c.execute(sa.delete(audit_log).where(rest))
                    forged = {name: last[name] for name in ("position", "hash")}
                    await c.execute(sa.update(audit_head).values(forged))
                    alone = (await verify_rows(c)).fault
                    fault = (await verify_rows(c, anchor)).fault
                    await point.rollback()
                right = fault is not None and fault.position == last["position"] + 1
                found[f"with anchor: {'found' if right else 'missed'}"] += 1
                found[f"without: {'found' if alone else 'missed'}"] += 1
    finally:
        await engine.dispose()
    return found


def misses(found: Counter[str]) -> int:
    return sum(n for name, n in found.items() if name.endswith("missed"))


def test_every_touch_is_found_at_its_first_row(migrated_url):
    """Altered, deleted, cut, swapped, replaced, hidden."""
    found = asyncio.run(touch(migrated_url, 120, SEED))

    assert misses(found) == 0
    assert found.total() == 120
    assert len(found) == len(KINDS_OF_TOUCH)


def test_forged_end_needs_an_anchor(migrated_url):
    """What the log by itself cannot show, as the page says."""
    found = asyncio.run(forge_end(migrated_url, 10, SEED))

    assert found == {"with anchor: found": 10, "without: missed": 10}


@pytest.mark.long
def test_ten_thousand_touches_are_found(tmp_path):
    """On each database; how many of which kind is written down."""
    total: Counter[str] = Counter()
    with evidence("audit", SEED) as counts:
        counts["rows_in_the_log"] = ROWS
        for number, kind in enumerate(KINDS):
            with migrated_database(kind, tmp_path) as url:
                found = asyncio.run(touch(url, PER_DATABASE[kind], SEED + number))
            counts[kind] = dict(sorted(found.items()))
            total += found
        with migrated_database("sqlite", tmp_path) as url:
            forged = asyncio.run(forge_end(url, 1_000, SEED))
        counts["cut with a forged head"] = dict(sorted(forged.items()))
        counts["touches"], counts["missed"] = total.total(), misses(total)

        assert misses(total) == 0
        assert total.total() == 10_000
        assert forged["with anchor: missed"] == 0
