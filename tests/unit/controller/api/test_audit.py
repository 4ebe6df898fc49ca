"""``/api/v1/audit``."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.support.app import on_app
from tests.support.batches import NOW
from tests.support.people import bearer

from sentinel_netlab.store.audit import record
from sentinel_netlab.store.tables import audit_log

AUDIT = "/api/v1/audit"


async def tell(lab) -> None:
    """One adopted row, then three of ours."""
    async with lab.engine.begin() as c:
        old = sa.insert(audit_log).values(event_type="login", details=["odd"])
        await c.execute(old)
        for number, actor in enumerate(["ann", "ben", "ann"]):
            await record(
                c,
                event_type="token",
                actor=actor,
                action="create",
                resource=f"t{number}",
                details={"days": number},
                ip_address="192.0.2.1",
                now=NOW + timedelta(hours=number),
            )


def listed(url: str, **query) -> dict:
    """What a list of *query* answers."""

    async def ask(lab):
        await tell(lab)
        admin = await bearer(lab, "admin")
        return (await lab.http.get(AUDIT, headers=admin, params=query)).json()

    return on_app(url, ask)


def test_newest_row_comes_first_with_all_that_it_holds(migrated_url):
    """And its place in the chain."""
    first, *_, last = listed(migrated_url)["items"]

    hashes = {first.pop("hash"), first.pop("previous_hash")}
    assert all(len(one) == 64 for one in hashes)
    assert first.pop("id") > last["id"]
    assert first == {
        "position": 3,
        "timestamp": "2026-03-01T14:00:00Z",
        "event_type": "token",
        "actor": "ann",
        "action": "create",
        "resource": "t2",
        "details": {"days": 2},
        "ip_address": "192.0.2.1",
    }
    assert (last["event_type"], last["position"], last["hash"]) == ("login", None, None)


@pytest.mark.parametrize(
    ("query", "resources"),
    [
        ({"actor": "ann"}, ["t2", "t0"]),
        ({"resource": "t1"}, ["t1"]),
        ({"event_type": "login"}, [None]),
        ({"action": "create", "order": "asc"}, ["t0", "t1", "t2"]),
        ({"since": "2026-03-01T13:00:00Z"}, ["t2", "t1"]),
        ({"until": "2026-03-01T14:00:00+01:00"}, ["t0"]),
        ({"actor": "eve"}, []),
    ],
)
def test_filters(query, resources, migrated_url):
    """Exact words; *since* is in it, *until* is not."""
    found = listed(migrated_url, **query)["items"]

    assert [row["resource"] for row in found] == resources


def test_rows_come_in_pages(migrated_url):
    """Two and two."""

    async def ask(lab):
        await tell(lab)
        admin = await bearer(lab, "admin")
        first = await lab.http.get(AUDIT, headers=admin, params={"limit": 2})
        query = {"limit": 2, "cursor": first.json()["next"]}
        return first.json(), (await lab.http.get(AUDIT, headers=admin, params=query))

    first, second = on_app(migrated_url, ask)

    rows = first["items"] + second.json()["items"]
    assert [row["resource"] for row in rows] == ["t2", "t1", "t0", None]
    assert second.json()["next"] is None
