"""Lists of alerts: every filter, every order, nobody else's."""

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

ROWS = (
    alert_row("a", last_seen=at(50), severity="low", risk_score=10.0),
    alert_row("b", last_seen=at(40), severity="critical", status="acknowledged"),
    alert_row(
        "c",
        last_seen=at(30),
        first_seen=at(-9),
        severity="medium",
        status="resolved",
        code="WD201",
        alert_type="evil_twin",
        title="Evil twin",
        bssid=0x020000000001,
        station=0x02000000000A,
        ssid=b"caf\xc3\xa9\x00\xff",
        ssid_text="café\\x00\\xff",
        evidence={"peak": 5},
        frames=[1, 2],
        risk_score=90.0,
    ),
    alert_row("d", last_seen=at(20), site_id=None, sensor_id=None, note="see 100%_ok"),
    alert_row("e", last_seen=at(10), site_id=OTHER_SITE, status="false_positive"),
    alert_row("f", incident_id="9".rjust(32, "0"), severity="info"),
    # as an older version wrote them
    {
        **dict.fromkeys(alert_row("")),
        "id": "08d1f397e35776a3",
        "severity": "HIGH",
        "status": "open",
        "closed": True,
        "adopted": True,
    },
)
FILTERS = (
    ("", "abcdef3"),
    ("?order=asc", "fedcba3"),
    ("?sort=first_seen&order=asc", "cabdef3"),
    ("?sort=severity", "bdecaf3"),
    ("?sort=severity&order=asc", "facedb3"),
    ("?sort=risk", "ca3fedb"),
    ("?sort=risk&order=asc", "acbdef3"),
    ("?status=open", "adf3"),
    ("?status=acknowledged&status=false_positive", "be"),
    ("?severity=high", "bde3"),
    ("?severity=critical", "b"),
    ("?severity=info", "abcdef3"),
    ("?code=WD201", "c"),
    ("?code=WD201&code=WD101", "abcdef"),
    ("?sensor=roof", "abcef"),
    ("?sensor=none", ""),
    ("?site=hq", "abcf"),
    ("?bssid=02:00:00:00:00:01", "c"),
    ("?bssid=02-00-00-00-00-0A", ""),
    ("?station=02:00:00:00:00:0A", "c"),
    ("?incident=" + "9".rjust(32, "0"), "f"),
    ("?since=2026-03-01T12:00:30Z", "abc"),
    ("?until=2026-03-01T12:00:30Z", "def"),
    ("?since=2026-03-01T13:00:30%2B01:00&until=2026-03-01T12:00:40Z", "c"),
    ("?text=EVIL", "c"),
    ("?text=caf%C3%A9", "c"),
    ("?text=100%25_", "d"),
    ("?text=100_", ""),
    ("?text=%5Cx00", "c"),
)  # fmt: skip


async def _fill(c):
    await put_other_site(c)
    await put_incidents(c, incident_row("9"))
    await put_alerts(c, *ROWS)


@pytest.fixture
def asked(migrated_url):
    """What people get of `ROWS`."""

    def ask(*paths, **who):
        return answers(migrated_url, _fill, *paths, **who)

    return ask


def _ends(body):
    """The last digits of the ids."""
    return "".join(item["id"][-1] for item in body["items"])


def test_filters_and_orders(asked):
    """Each filter alone, each order in both directions, ties by id."""
    found = asked(*(f"/alerts{query}" for query, _ in FILTERS))

    queries = [query for query, _ in FILTERS]
    ends = [_ends(body) for _, body in found]
    assert dict(zip(queries, ends, strict=True)) == dict(FILTERS)


REFUSED = {
    "?state=open": "unknown_parameter",
    "?limit=1&limit=2": "repeated_parameter",
    "?status=new": "invalid",
    "?severity=awful": "invalid",
    "?bssid=02:00": "invalid",
    "?bssid=02:00:00:00:00:01%00": "invalid",
    "?bssid=02:00:00:00:00:01%0a": "invalid",
    "?sensor=%00": "invalid",
    "?text=": "invalid",
    "?sort=id": "invalid",
    "?order=up": "invalid",
    "?since=now": "invalid",
    "?cursor=bm8": "bad_cursor",
}


def test_what_is_no_filter_is_refused(asked):
    """Never the whole list."""
    found = asked(*(f"/alerts{query}" for query in REFUSED))

    codes = [(status, body["code"]) for status, body in found]
    assert codes == [(400, code) for code in REFUSED.values()]


def test_an_alert_with_its_evidence(asked):
    """Addresses, SSID as bytes and as text, UTC; the list has no evidence."""
    [(status, body), (_, page)] = asked(
        f"/alerts/{'c'.rjust(32, '0')}", "/alerts?text=evil"
    )
    assert status == 200
    assert body["bssid"] == "02:00:00:00:00:01"
    assert (body["ssid"], body["ssid_text"]) == ("636166c3a900ff", "café\\x00\\xff")
    assert body["first_seen"] == "2026-03-01T11:59:51Z"
    assert body["evidence"] == {"peak": 5}
    assert body["frames"] == [1, 2]
    assert page["items"] == [
        {name: body[name] for name in body if name not in ("evidence", "frames")}
    ]


def test_an_adopted_alert_is_marked(asked):
    """Its short id is found; its severity is a word like all others."""
    [(status, body)] = asked("/alerts/08d1f397e35776a3")

    assert status == 200
    assert (body["adopted"], body["severity"], body["code"]) == (True, "high", None)


def test_an_unknown_alert_is_not_found(asked):
    """Ids that are none are refused or not found, never a failure."""
    names = ("f" * 32, "0", "x", "%00", "0" * 33)
    found = asked(*(f"/alerts/{name}" for name in names))

    assert [status for status, _ in found] == [404, 404, 400, 400, 400]


def test_who_is_bound_to_a_site_sees_no_other(asked):
    """Not in lists, not by id, not by asking for it; nor what has no site."""
    found = asked(
        "/alerts",
        f"/alerts?site={OTHER_SITE}",
        f"/alerts?site={SITE}",
        f"/alerts/{'a'.rjust(32, '0')}",
        f"/alerts/{'e'.rjust(32, '0')}",
        f"/alerts/{'d'.rjust(32, '0')}",
        site=SITE,
    )
    assert [status for status, _ in found] == [200, 403, 200, 200, 404, 404]
    assert [_ends(found[0][1]), _ends(found[2][1])] == ["abcf", "abcf"]
