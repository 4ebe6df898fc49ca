"""A token of one site sees and touches nothing of another, by any route."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from tests.meta.test_routes import HANDLERS, PEOPLES
from tests.support.app import Lab, running
from tests.support.batches import NOW, SENSOR, SITE
from tests.support.databases import migrated_database
from tests.support.lists import (
    MANY,
    OTHER_SITE,
    alert_row,
    incident_row,
    put_other_site,
    put_rows,
)
from tests.support.people import bearer

from sentinel_netlab.controller.auth.guard import knows_sites
from sentinel_netlab.store.tables import (
    alerts,
    audit_log,
    evidence,
    incidents,
    networks,
    stations,
    telemetry,
)

ENDLESS = "/api/v1/events"  # tests/unit/controller/api/test_events.py
ASKED = [
    key
    for key in PEOPLES
    if knows_sites(HANDLERS[key]) and key[0] != "OPTIONS" and key[1] != ENDLESS
    if not key[1].startswith("/schema")
]
AP = "02:00:00:00:00:01"
MARK = "only-here"
ALERT, INCIDENT = alert_row("a")["id"], incident_row("9")["id"]
VALUES = {
    "alert_id": ALERT,
    "incident_id": INCIDENT,
    "sensor_id": SENSOR,
    "site_id": SITE,
    "site": SITE,
    "bssid": AP,
    "code": "WD101",
}
BODIES = {
    "assign": {"assignee": None},
    "note": {"note": "x"},
    "resolve": {"resolution": "resolved"},
}
SEEN = {"first_seen": NOW, "last_seen": NOW}
NETWORK = {"site_id": SITE, "bssid": 0x020000000001, "ssid": b"x", "ssid_text": MARK}
ROWS: list[tuple[sa.Table, dict[str, Any]]] = [
    (incidents, incident_row("9", title=MARK)),
    (alerts, alert_row("a", incident_id=INCIDENT, title=MARK)),
    (networks, NETWORK | SEEN),
    (stations, {"site_id": SITE, "address": 0x02000000000A, "channel": 165} | SEEN),
    (telemetry, {"sensor_id": SENSOR, "timestamp": NOW, "ssid_text": MARK}),
    (
        evidence,
        {
            "alert_id": ALERT,
            "sensor_id": SENSOR,
            "received_at": NOW,
            "digest": "0" * 64,
            "pcapng": MARK.encode(),
        },
    ),
]
TRACES = (MARK, SENSOR, ALERT, INCIDENT, f'"{SITE}"', "02:00:00:00:00:0a")
"""What stands in what a site sees of itself."""
EVERYBODYS = {"/api/v1/me", "/api/v1/detectors", "/api/v1/detectors/{code}"}


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict[str, Any]:
    """What is answered to an administrator of each site, and what it left."""
    with migrated_database("sqlite", tmp_path_factory.mktemp("sites")) as url:

        async def run() -> dict[str, Any]:
            async with running(url, **MANY) as lab:
                return await ask_all(lab)

        return asyncio.run(run())


async def ask_all(lab: Lab) -> dict[str, Any]:
    async with lab.engine.begin() as c:
        await put_other_site(c)
        for table, row in ROWS:
            await put_rows(c, table, [row])
    found: dict[str, Any] = {
        OTHER_SITE: await ask(lab, await bearer(lab, "admin", OTHER_SITE))
    }
    async with lab.engine.begin() as c:
        found["changes"] = (await c.execute(sa.select(audit_log))).all()
    found[SITE] = await ask(lab, await bearer(lab, "admin", SITE))
    return found


async def ask(lab: Lab, headers: dict[str, str]) -> dict[Any, httpx.Response]:
    return {
        (method, path): await lab.http.request(
            method, url_of(path), headers=headers, json=body_of(method, path)
        )
        for method, path in ASKED
    }


def url_of(path: str) -> str:
    return re.sub(r"\{([^}]*)\}", lambda found: VALUES[found[1]], path)


def body_of(method: str, path: str) -> Any:
    return None if method == "GET" else BODIES.get(path.rpartition("/")[2])


def traces_in(answer: httpx.Response) -> list[str]:
    return [trace for trace in TRACES if trace in answer.text]


@pytest.mark.parametrize("key", ASKED, ids=" ".join)
def test_other_site_is_not_seen(key, answers):
    """Lists leave it out; its things are not there, or not to be asked for."""
    answer = answers[OTHER_SITE][key]

    assert answer.status_code < 500
    assert traces_in(answer) == []
    if "{" in key[1] and key[1] not in EVERYBODYS:
        assert answer.status_code in (403, 404)


@pytest.mark.parametrize("key", ASKED, ids=" ".join)
def test_own_site_is_seen(key, answers):
    """The same requests show what they should: else the test above shows nothing."""
    answer = answers[SITE][key]

    assert traces_in(answer) or key[1] in EVERYBODYS
    assert answer.status_code in (200, 409)


def test_other_site_is_not_touched(answers):
    """Nothing that was tried left a row in the audit log."""
    assert answers["changes"] == []
