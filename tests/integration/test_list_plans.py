"""Lists are read along indexes: a page costs what it holds, not what a table does."""

from __future__ import annotations

import asyncio
import json
import random
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.support.batches import NOW, SITE, furnish
from tests.support.evidence import evidence
from tests.support.lists import OTHER_SITE, alert_row, incident_row, put_other_site

from sentinel_netlab.store.engine import make_engine
from sentinel_netlab.store.reading import alerts as of_alerts
from sentinel_netlab.store.reading import incidents as of_incidents
from sentinel_netlab.store.reading import inventory as of_inventory
from sentinel_netlab.store.reading import telemetry as of_telemetry
from sentinel_netlab.store.reading.keyset import fetch
from sentinel_netlab.store.tables import (
    alerts,
    incidents,
    networks,
    stations,
    telemetry,
)

SEED = 20_260_301
FEW, MANY_ROWS = 300, 100_000
PAGE = 100
SENSORS = tuple(f"s{number}" for number in range(20))


def _alerts(sort="last_seen", **wanted):
    wanted = of_alerts.AlertFilter(**wanted)
    order = of_alerts.alert_order(sort, descending=True)
    return of_alerts.alert_list(wanted), order


def _telemetry(**wanted):
    wanted = of_telemetry.TelemetryFilter(**wanted)
    order = of_telemetry.telemetry_order(descending=True)
    return of_telemetry.telemetry_list(wanted), order


def _networks(sort="last_seen", **wanted):
    wanted = of_inventory.NetworkFilter(**wanted)
    order = of_inventory.network_order(sort, descending=True)
    return of_inventory.network_list(wanted), order


def _stations(sort="last_seen", **wanted):
    wanted = of_inventory.StationFilter(**wanted)
    order = of_inventory.station_order(sort, descending=True)
    return of_inventory.station_list(wanted), order


def _incidents(sort="last_seen"):
    order = of_incidents.incident_order(sort, descending=True)
    return of_incidents.incident_list(of_incidents.IncidentFilter()), order


LISTS = {
    "alerts": _alerts(),
    "alerts by first_seen": _alerts("first_seen"),
    "alerts by risk": _alerts("risk"),
    "alerts by severity": _alerts("severity"),
    "alerts open": _alerts(statuses=["open"]),
    "alerts of a code": _alerts(codes=["WD101"]),
    "alerts of a sensor": _alerts(sensor="s1"),
    "alerts of a BSSID": _alerts(bssid=7),
    "alerts of a station": _alerts(station=7),
    "alerts of a site": _alerts(site=SITE),
    "alerts since": _alerts(since=NOW + timedelta(days=1)),
    "telemetry": _telemetry(),
    "telemetry of a sensor": _telemetry(sensor="s1"),
    "telemetry of a BSSID": _telemetry(bssid=7),
    "telemetry since": _telemetry(since=NOW + timedelta(days=1)),
    "networks": _networks(),
    "networks by BSSID": _networks("bssid"),
    "names of a BSSID": _networks(site=SITE, bssid=7),
    "stations": _stations(),
    "stations by address": _stations("address"),
    "incidents": _incidents(),
}


def _rows(table, count, chance):
    """*count* rows whose columns that lists look at are spread out."""

    def when():
        return NOW + timedelta(seconds=chance.randrange(1_000_000))

    for number in range(count):
        site, seen = chance.choice((SITE, OTHER_SITE)), when()
        times = {"site_id": site, "first_seen": NOW, "last_seen": seen}
        if table is alerts:
            yield alert_row(
                f"{number:x}", site_id=site, sensor_id=chance.choice(SENSORS),
                status=chance.choice(("open", *["resolved"] * 20)),
                severity=chance.choice(("low", "medium", "high", "critical")),
                code=chance.choice(("WD101", "WD102", "WD201")), last_seen=seen,
                first_seen=when(), risk_score=chance.random(),
                bssid=chance.randrange(2000), station=chance.randrange(2000),
            )  # fmt: skip
        elif table is incidents:
            yield incident_row(f"{number:x}", last_seen=seen, site_id=site)
        elif table is telemetry:
            yield {"timestamp": seen, "sensor_id": chance.choice(SENSORS), "epoch": "1",
                   "seq": number, "bssid": chance.randrange(2000)}  # fmt: skip
        elif table is networks:
            yield {**times, "bssid": number // 2, "ssid": b"%d" % number,
                   "ssid_text": ""}  # fmt: skip
        else:
            yield {**times, "address": number}


async def _fill(engine, count):
    chance = random.Random(SEED)
    async with engine.begin() as c:
        await furnish(c, *SENSORS)
        await put_other_site(c)
        for table in (alerts, incidents, telemetry, networks, stations):
            rows = list(_rows(table, count, chance))
            for at in range(0, count, 5_000):
                await c.execute(sa.insert(table).inline(), rows[at : at + 5_000])
        await c.execute(sa.text("ANALYZE"))


async def _third_page(c, name):
    """The nodes of the plan of the third page, and how long it took, in ms."""
    asked = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        asked.append((statement, parameters))

    query, order = LISTS[name]
    end, taken_ms = None, 0.0
    sa.event.listen(c.sync_connection, "before_cursor_execute", note)
    for _ in range(3):
        asked.clear()
        began = time.perf_counter()
        page = await fetch(c, query, order, end, PAGE)
        taken_ms = (time.perf_counter() - began) * 1000
        if page.end is None:
            break
        end = page.end
    sa.event.remove(c.sync_connection, "before_cursor_execute", note)
    nodes = []
    for statement, parameters in asked:
        explain = f"EXPLAIN (FORMAT JSON) {statement}"
        [[plan]] = (await c.exec_driver_sql(explain, parameters)).all()
        nodes += _nodes(
            (plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]
        )
    return nodes, taken_ms


def _nodes(plan):
    found = [plan["Node Type"]]
    for inner in plan.get("Plans", ()):
        found += _nodes(inner)
    return found


def _plans(url, count, *settings):
    async def run():
        engine = make_engine(url)
        try:
            await _fill(engine, count)
            async with engine.connect() as c:
                for setting in settings:
                    await c.execute(sa.text(f"SET {setting} = off"))
                return {name: await _third_page(c, name) for name in LISTS}
        finally:
            await engine.dispose()

    return asyncio.run(run())


def _with(plans, *kinds):
    """The lists whose plans have nodes of *kinds*."""
    return [name for name, (nodes, _) in plans.items() if set(kinds) & set(nodes)]


@pytest.mark.parametrize("database_kind", ["postgresql16", "postgresql18"])
def test_every_list_has_an_index(migrated_url):
    """Told to avoid both, PostgreSQL need neither read all rows nor sort them."""
    plans = _plans(migrated_url, FEW, "enable_seqscan", "enable_sort")

    assert _with(plans, "Seq Scan", "Sort") == []


@pytest.mark.long
@pytest.mark.parametrize("database_kind", ["postgresql16", "postgresql18"])
def test_every_list_uses_its_index(database_kind, migrated_url):
    """Of its own accord, at 100,000 rows of each kind; times for people to read."""
    with evidence(f"lists-{database_kind}", SEED) as counts:
        plans = _plans(migrated_url, MANY_ROWS)
        counts["rows_of_each"] = MANY_ROWS
        counts["third_page_ms"] = {
            name: round(ms, 1) for name, (_, ms) in plans.items()
        }
        assert _with(plans, "Seq Scan") == []
