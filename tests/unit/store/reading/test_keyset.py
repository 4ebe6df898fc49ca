"""Lists page by page: nothing twice, nothing hidden, whatever arrives meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.support.batches import NOW, SENSOR, SITE, in_transaction

from sentinel_netlab.store.reading.keyset import (
    Place,
    fetch,
    ordered,
    ordered_nulls_last,
)
from sentinel_netlab.store.tables import alerts, networks

NEWEST = ordered_nulls_last(alerts.c.last_seen, alerts.c.id, descending=True)
OLDEST = ordered_nulls_last(alerts.c.last_seen, alerts.c.id)
SEEN_S = {"a": 5, "b": 3, "c": 3, "d": None, "e": None, "f": 1}
QUERY = sa.select(alerts.c.id)


async def _put(c, seen_s):
    rows = [
        {
            "id": name * 32,
            "sensor_id": SENSOR,
            "last_seen": None if at is None else NOW + timedelta(seconds=at),
        }
        for name, at in seen_s.items()
    ]
    await c.execute(sa.insert(alerts), rows)


async def _turn(c, order, limit, between=None):
    """First letters of the ids, page by page."""
    pages, after = [], None
    while True:
        page = await fetch(c, QUERY, order, after, limit)
        pages.append("".join(row["id"][0] for row in page.rows))
        if page.end is None:
            return pages
        if between is not None and after is None:
            await between(c)
        after = page.end


@pytest.mark.parametrize(
    ("order", "limit", "pages"),
    [
        (NEWEST, 100, ["acbfed"]),
        (NEWEST, 6, ["acbfed"]),
        (NEWEST, 4, ["acbf", "ed"]),
        (NEWEST, 5, ["acbfe", "d"]),
        (NEWEST, 1, ["a", "c", "b", "f", "e", "d"]),
        (OLDEST, 4, ["fbca", "de"]),
        (OLDEST, 2, ["fb", "ca", "de"]),
    ],
)
def test_pages_are_cuts_of_the_list(migrated_url, order, limit, pages):
    """Ties by id, rows without the key last, no empty page at the end."""

    async def act(c):
        await _put(c, SEEN_S)
        return await _turn(c, order, limit)

    assert in_transaction(migrated_url, act) == pages


def test_rows_that_arrive_shift_nothing(migrated_url):
    """A newer row in front, an older one behind: only the latter is still to come."""

    async def arrive(c):
        await _put(c, {"1": 9, "2": 2})

    async def act(c):
        await _put(c, SEEN_S)
        return await _turn(c, NEWEST, 2, between=arrive)

    assert in_transaction(migrated_url, act) == ["ac", "b2", "fe", "d"]


def test_a_page_may_end_at_a_row_that_goes(migrated_url):
    """The place is made of keys, not of the row."""

    async def leave(c):
        await c.execute(sa.delete(alerts).where(alerts.c.id == "c" * 32))

    async def act(c):
        await _put(c, SEEN_S)
        return await _turn(c, NEWEST, 2, between=leave)

    assert in_transaction(migrated_url, act) == ["ac", "bf", "ed"]


def test_keys_may_be_addresses_and_bytes(migrated_url):
    """The key of a network holds a text, a MAC address and bytes."""
    columns = networks.c
    order = ordered(columns.site_id, columns.bssid, columns.ssid)
    keys = [(1, b""), (1, b"\x00\xff"), (1, b"a"), (2, b"")]

    async def act(c):
        common = {"site_id": SITE, "first_seen": NOW, "last_seen": NOW}
        rows = [
            {**common, "bssid": bssid, "ssid": ssid, "ssid_text": ""}
            for bssid, ssid in keys
        ]
        await c.execute(sa.insert(networks), rows)
        query, found, after = sa.select(columns.bssid, columns.ssid), [], None
        for _ in keys:
            page = await fetch(c, query, order, after, 1)
            found += [(row["bssid"], row["ssid"]) for row in page.rows]
            after = page.end
        return found, after

    assert in_transaction(migrated_url, act) == (keys, None)


@pytest.mark.parametrize(
    "place", [Place(2, ()), Place(0, (NOW,)), Place(1, ("a", "b"))], ids=str
)
def test_a_place_in_another_order_is_refused(migrated_url, place):
    """Sections and keys that the list has not."""

    async def act(c):
        with pytest.raises(ValueError, match=r"no such section|number of keys"):
            await fetch(c, QUERY, NEWEST, place, 10)

    in_transaction(migrated_url, act)
