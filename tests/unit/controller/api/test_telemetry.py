"""Observations to read: adopted ones among them, marked; hostile names as they are."""

from __future__ import annotations

import pytest
from tests.support.batches import NOW, SENSOR, SITE
from tests.support.lists import OTHER_SITE, answers, at, put_other_site, put_rows

from sentinel_netlab.store.tables import sensors, telemetry

HOSTILE = b"\x00\xff\x1b[2J\xe2\x80\xaen"
ROWS = (
    {"id": 1, "timestamp": at(30), "channel": 1, "bssid": 1, "sensor_id": SENSOR},
    {
        "id": 2,
        "timestamp": at(30),
        "channel": 6,
        "sensor_id": SENSOR,
        "transmitter": 0x02000000000A,
        "bssid": 0x02000000000A,
        "ssid": HOSTILE,
        "ssid_text": r"\x00\xff\x1b[2J\xe2\x80\xaen",
        "signal_mean_dbm": -61.5,
        "raw_data": {"quarantined": "future"},
        "first_seen": NOW,
        "frames": 2**62,
    },
    {"id": 3, "timestamp": at(20), "channel": 6, "sensor_id": "far"},
    {
        "id": 4,
        "timestamp": at(10),
        "sensor_id": SENSOR,
        "adopted": True,
        "security": "WPA2",
        "capabilities": ["ess"],
        "raw_data": {"quarantined": "no", "rssi": -50},
    },
)
FILTERS = {
    "": [2, 1, 3, 4],
    "?order=asc": [4, 3, 1, 2],
    "?sensor=roof": [2, 1, 4],
    "?site=branch": [3],
    "?bssid=02-00-00-00-00-0a": [2],
    "?channel=6": [2, 3],
    "?since=2026-03-01T12:00:20Z": [2, 1, 3],
    "?until=2026-03-01T12:00:20Z": [4],
    "?sensor=roof&channel=6&since=2026-03-01T00:00:00Z": [2],
}
REFUSED = {
    "?ssid=ab": "unknown_parameter",
    "?channel=-1": "invalid",
    "?channel=99999999999999999999": "invalid",
    "?since=2026-03-01": "invalid",
}


async def _fill(c):
    await put_other_site(c)
    await put_rows(c, sensors, [{"id": "far", "site_id": OTHER_SITE}])
    await put_rows(c, telemetry, ROWS)


@pytest.fixture
def asked(migrated_url):
    """What people get of `ROWS`."""

    def ask(*queries, **who):
        paths = (f"/telemetry{query}" for query in queries)
        return answers(migrated_url, _fill, *paths, **who)

    return ask


def _ids(body):
    return [item["id"] for item in body["items"]]


def test_filters(asked):
    """The newest windows first; ties by the number of the row."""
    found = asked(*FILTERS)

    ids = [_ids(body) for _, body in found]
    assert dict(zip(FILTERS, ids, strict=True)) == FILTERS


def test_what_is_no_filter_is_refused(asked):
    """Never the whole list, never a failure."""
    found = asked(*REFUSED)

    codes = [(status, body["code"]) for status, body in found]
    assert codes == [(400, code) for code in REFUSED.values()]


def test_a_hostile_name_is_bytes_and_a_harmless_text(asked):
    """NUL, escape and bidirectional characters reach nobody's terminal."""
    [(_, body)] = asked("?bssid=02:00:00:00:00:0a")
    [item] = body["items"]

    assert (item["ssid"], item["ssid_text"]) == (HOSTILE.hex(), ROWS[1]["ssid_text"])
    assert (item["quarantined"], item["adopted"]) == ("future", False)
    assert (item["timestamp"], item["frames"]) == ("2026-03-01T12:00:30Z", 2**62)


def test_adopted_rows_are_marked(asked):
    """What an older version wrote in its own words is no doubt of ours."""
    [(_, body)] = asked("?until=2026-03-01T12:00:20Z")
    [item] = body["items"]

    assert (item["adopted"], item["quarantined"]) == (True, None)
    assert (item["capabilities"], item["frames"]) == (["ess"], None)


def test_who_is_bound_to_a_site_sees_what_its_sensors_saw(asked):
    """Another site is refused, not empty."""
    found = asked("", "?site=branch", site=SITE)

    assert [status for status, _ in found] == [200, 403]
    assert _ids(found[0][1]) == [2, 1, 4]
