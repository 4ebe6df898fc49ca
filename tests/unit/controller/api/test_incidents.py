"""Incidents to read, with the alerts that make them."""

from __future__ import annotations

import pytest
from tests.support.batches import SITE
from tests.support.lists import (
    OTHER_SITE,
    alert_row,
    answers,
    at,
    incident_row,
    put_alerts,
    put_incidents,
    put_other_site,
)

STORY = "a".rjust(32, "0")
ROWS = (
    incident_row("a", last_seen=at(30), severity="medium", alerts=3),
    incident_row("b", last_seen=at(20), severity="critical", status="closed"),
    incident_row("c", last_seen=at(10), first_seen=at(-5), site_id=OTHER_SITE),
    incident_row("d", site_id=None, severity="low"),
)
FILTERS = {
    "": "abcd",
    "?order=asc": "dcba",
    "?sort=severity": "bcad",
    "?sort=severity&order=asc": "dacb",
    "?sort=first_seen&order=asc": "cabd",
    "?site=branch": "c",
    "?status=closed": "b",
    "?severity=high": "bc",
    "?since=2026-03-01T12:00:20Z": "ab",
    "?until=2026-03-01T12:00:20Z": "cd",
}
REFUSED = {
    "?state=open": (400, "unknown_parameter"),
    "?status=resolved": (400, "invalid"),
    "/b1": (404, "not_found"),
    "/zz": (400, "invalid"),
}


async def _fill(c):
    await put_other_site(c)
    await put_incidents(c, *ROWS)
    belongs = {"incident_id": STORY}
    await put_alerts(
        c,
        alert_row("1", last_seen=at(1), **belongs),
        alert_row("2", last_seen=at(2), evidence={"peak": 1}, **belongs),
        alert_row("3", last_seen=at(3), **belongs),
        alert_row("4", last_seen=at(4)),
    )


@pytest.fixture
def asked(migrated_url):
    """What people get of `ROWS`."""

    def ask(*queries, **who):
        paths = (f"/incidents{query}" for query in queries)
        return answers(migrated_url, _fill, *paths, **who)

    return ask


def _ends(body):
    return "".join(item["id"][-1] for item in body["items"])


def test_filters_and_orders(asked):
    """Each filter, each order."""
    found = asked(*FILTERS)

    ends = [_ends(body) for _, body in found]
    assert dict(zip(FILTERS, ends, strict=True)) == FILTERS


def test_what_is_none_is_refused_or_not_found(asked):
    """Never the whole list, never a failure."""
    found = asked(*REFUSED)

    assert [(status, body["code"]) for status, body in found] == list(REFUSED.values())


async def _nothing(_connection):
    """What is there is enough."""


def test_an_incident_comes_with_its_alerts(migrated_url, asked):
    """And with nobody else's; the last heard first, page by page."""
    [(status, body)] = asked(f"/{STORY}?limit=2")

    assert (status, body["id"], body["alerts"], _ends(body)) == (200, STORY, 3, "32")
    assert body["subjects"] == {"bssids": ["020000000001"]}
    assert "evidence" not in body["items"][0]

    path = f"/incidents/{STORY}?limit=2&cursor={body['next']}"
    [(_, rest)] = answers(migrated_url, _nothing, path)
    assert (_ends(rest), rest["next"]) == ("1", None)


def test_who_is_bound_to_a_site_sees_its_incidents(asked):
    """Neither others nor what has no site."""
    other, none = "c".rjust(32, "0"), "d".rjust(32, "0")
    found = asked("", f"/{STORY}", f"/{other}", f"/{none}", site=SITE)

    assert [status for status, _ in found] == [200, 200, 404, 404]
    assert _ends(found[0][1]) == "ab"
