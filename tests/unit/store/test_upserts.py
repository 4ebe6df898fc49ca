"""Statements that insert or update."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from tests.support.batches import NOW, SITE, in_transaction, rows

from sentinel_netlab.store.tables import stations
from sentinel_netlab.store.upserts import greatest, insert_for, least


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        (1, 2, 1, 2),
        (2, 1, 1, 2),
        (None, 2, 2, 2),
        (1, None, 1, 1),
        (None, None, None, None),
    ],
)
def test_null_loses(migrated_url, one, other, low, high):
    """Nothing known is neither least nor greatest."""
    left, right = (sa.literal(value, sa.Integer) for value in (one, other))

    async def run(c):
        found = await c.execute(sa.select(least(left, right), greatest(left, right)))
        return tuple(found.one())

    assert in_transaction(migrated_url, run) == (low, high)


def test_row_is_inserted_or_changed(migrated_url):
    """On both databases, by one statement."""
    seen = {"site_id": SITE, "address": 1, "first_seen": NOW, "last_seen": NOW}

    async def run(c):
        insert = insert_for(c, stations)
        added = {"frames": stations.c.frames + insert.excluded.frames}
        key = list(stations.primary_key)
        statement = insert.on_conflict_do_update(index_elements=key, set_=added)
        for frames in (1, 2):
            await c.execute(statement, {**seen, "frames": frames})
        return await rows(c, stations)

    [row] = in_transaction(migrated_url, run)

    assert row["frames"] == 3
