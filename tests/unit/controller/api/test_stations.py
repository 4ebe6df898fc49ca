"""Stations to read."""

from __future__ import annotations

from tests.support.batches import SITE
from tests.support.lists import OTHER_SITE, answers, at, put_other_site, put_rows

from sentinel_netlab.store.tables import stations


def _row(address, seen_s, **values):
    times = {"first_seen": at(0), "last_seen": at(seen_s)}
    return {"site_id": SITE, "address": address, **times, **values}


ROWS = (
    _row(0x02000000000A, 30, channel=6, frames=5),
    _row(0x00000000000B, 20),
    _row(0x02000000000A, 40, site_id=OTHER_SITE),
)
LOCAL, GLOBAL = "02:00:00:00:00:0a", "00:00:00:00:00:0b"
FILTERS = {
    "": [LOCAL, LOCAL, GLOBAL],
    "?site=hq&sort=address&order=asc": [GLOBAL, LOCAL],
    "?site=hq": [LOCAL, GLOBAL],
    "?address=02:00:00:00:00:0A&site=branch": [LOCAL],
    "?channel=6": [LOCAL],
    "?since=2026-03-01T12:00:30Z": [LOCAL, LOCAL],
    "?until=2026-03-01T12:00:30Z": [GLOBAL],
}


async def _fill(c):
    await put_other_site(c)
    await put_rows(c, stations, ROWS)


def _paths(*queries):
    return [f"/stations{query}" for query in queries]


def test_filters_and_orders(migrated_url):
    """Each filter, each order; the same address may be at two sites."""
    found = answers(migrated_url, _fill, *_paths(*FILTERS))

    listed = [[one["address"] for one in body["items"]] for _, body in found]
    assert dict(zip(FILTERS, listed, strict=True)) == FILTERS


def test_random_addresses_are_told(migrated_url):
    """By the bit that says locally administered; counts and times beside it."""
    [(_, body)] = answers(migrated_url, _fill, *_paths("?site=hq"))

    assert [one["random_address"] for one in body["items"]] == [True, False]
    assert (body["items"][0]["frames"], body["items"][0]["last_seen"]) == (
        5,
        "2026-03-01T12:00:30Z",
    )


def test_who_is_bound_to_a_site_sees_its_stations(migrated_url):
    """And is refused others; so is what is no filter."""
    queries = ("", "?site=branch", "?mac=1")
    found = answers(migrated_url, _fill, *_paths(*queries), site=SITE)

    assert [status for status, _ in found] == [200, 403, 400]
    assert len(found[0][1]["items"]) == 2
