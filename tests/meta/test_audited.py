"""Every change that people make by the API leaves a row in the audit log."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from tests.meta.test_routes import HANDLERS, PEOPLES
from tests.support.app import PEER, Lab, running
from tests.support.databases import migrated_database
from tests.support.lists import MANY, alert_row, put_alerts
from tests.support.people import header as header_of
from tests.support.people import new_token

from sentinel_netlab.store.audit import verify
from sentinel_netlab.store.tables import audit_log

ALERT = alert_row("a")["id"]
CHANGES: list[tuple[str, str, str, Any]] = [
    ("POST", "/api/v1/alerts/{alert_id}/acknowledge", ALERT, None),
    ("POST", "/api/v1/alerts/{alert_id}/resolve", ALERT, {"resolution": "resolved"}),
    ("POST", "/api/v1/alerts/{alert_id}/reopen", ALERT, None),
    ("POST", "/api/v1/alerts/{alert_id}/assign", ALERT, {"assignee": "ann"}),
    ("POST", "/api/v1/alerts/{alert_id}/note", ALERT, {"note": "seen"}),
    ("POST", "/api/v1/sites", "", {"id": "new", "name": "New"}),
    ("PUT", "/api/v1/sites/{site_id}", "new", {"name": "Newer"}),
    ("POST", "/api/v1/sensors", "", {"id": "cellar", "site_id": "new"}),
    ("PUT", "/api/v1/sensors/{sensor_id}", "roof", {"latitude_deg": 1.5,
                                                    "longitude_deg": -2.25}),
    ("POST", "/api/v1/sensors/{sensor_id}/rotate", "roof", None),
    ("POST", "/api/v1/sensors/{sensor_id}/disable", "roof", None),
    ("POST", "/api/v1/sensors/{sensor_id}/enable", "roof", None),
    ("POST", "/api/v1/tokens", "", {"name": "ben", "role": "viewer"}),
    ("POST", "/api/v1/tokens/{token_id}/revoke", "", None),
]  # fmt: skip
"""In the order in which they are made: method, path, what is in it, body."""
ASKED = [one[:2] for one in CHANGES]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> dict[str, Any]:
    """Answers to all changes, the rows that each left, and what the chain is then."""
    with migrated_database("sqlite", tmp_path_factory.mktemp("audited")) as url:

        async def run() -> dict[str, Any]:
            async with running(url, **MANY) as lab:
                return await make_all(lab)

        return asyncio.run(run())


async def make_all(lab: Lab) -> dict[str, Any]:
    text = await new_token(lab, "admin", name="ann")
    victim = (await new_token(lab, "viewer")).split("_")[2]
    async with lab.engine.begin() as c:
        await put_alerts(c, alert_row("a"))
    found: dict[str, Any] = {}
    for method, path, inside, body in CHANGES:
        before = await rows(lab)
        thing = victim if "token_id" in path else inside
        url = path.partition("{")[0] + thing + path.partition("}")[2]
        answer = await lab.http.request(method, url, headers=header_of(text), json=body)
        found[f"{method} {path}"] = answer, (await rows(lab))[len(before) :]
    return found | {"verdict": await verify(lab.engine)}


async def rows(lab: Lab) -> list[Any]:
    async with lab.engine.begin() as c:
        query = sa.select(audit_log).order_by(audit_log.c.position)
        return list((await c.execute(query)).mappings())


def test_every_changing_route_is_asked():
    """A new one belongs in the list above."""
    changing = {key for key in PEOPLES if key[0] not in ("GET", "OPTIONS")}

    assert changing == set(ASKED)
    assert changing <= set(HANDLERS)


@pytest.mark.parametrize("key", ASKED, ids=" ".join)
def test_change_leaves_one_row(key, made):
    """Who, from where, what to what, and nothing that opens anything."""
    answer, left = made[" ".join(key)]
    assert isinstance(answer, httpx.Response)
    assert answer.status_code in (200, 201), answer.text
    [row] = left

    assert (row["actor"], row["ip_address"]) == ("ann", PEER)
    assert row["event_type"] in key[1]
    assert row["action"]
    assert row["resource"]
    for secret in ("token", "code"):
        assert str(answer.json().get(secret, "-" * 9)) not in str(dict(row))


def test_chain_is_whole(made):
    """With one row for each change."""
    verdict = made["verdict"]

    assert verdict.fault is None
    assert verdict.head.position == len(CHANGES)
