"""Networks to read: one for each name of a BSSID."""

from __future__ import annotations

import pytest
from tests.support.batches import SITE
from tests.support.lists import OTHER_SITE, answers, at, put_other_site, put_rows

from sentinel_netlab.store.tables import networks


def _row(bssid, ssid, seen_s, **values):
    times = {"first_seen": at(0), "last_seen": at(seen_s)}
    shown = {"ssid": ssid, "ssid_text": values.pop("shown", ssid.decode("latin-1"))}
    return {"site_id": SITE, "bssid": bssid, **times, **shown, **values}


ROWS = (
    _row(1, b"corp", 30, security="WPA2-PSK-CCMP", channel=6, beacons=9),
    _row(1, b"", 20, channel=36),
    _row(2, b"caf\xc3\xa9_\x00", 10, shown="café_\\x00"),
    _row(3, b"CORP-2", 40, site_id=OTHER_SITE),
)
FILTERS = {
    "": ["CORP-2", "corp", "", "café_\\x00"],
    "?sort=bssid&order=asc&site=hq": ["", "corp", "café_\\x00"],
    "?order=asc&site=hq": ["café_\\x00", "", "corp"],
    "?bssid=00:00:00:00:00:01": ["corp", ""],
    "?ssid=": [""],
    "?ssid=636f7270": ["corp"],
    "?ssid=636166c3a95f00": ["café_\\x00"],
    "?text=corp": ["CORP-2", "corp"],
    "?text=_": ["café_\\x00"],
    "?security=WPA2-PSK-CCMP": ["corp"],
    "?channel=36": [""],
    "?since=2026-03-01T12:00:30Z": ["CORP-2", "corp"],
    "?until=2026-03-01T12:00:20Z": ["café_\\x00"],
    f"/{SITE}/00-00-00-00-00-01": ["corp", ""],
    f"/{SITE}/00:00:00:00:00:01?limit=1": ["corp"],
    f"/{OTHER_SITE}/00:00:00:00:00:03": ["CORP-2"],
}
REFUSED = {
    "?name=corp": (400, "unknown_parameter"),
    "?ssid=6": (400, "invalid"),
    "?ssid=ZZ": (400, "invalid"),
    f"/{SITE}/00:00:00:00:00:03": (404, "not_found"),
    "/nowhere/00:00:00:00:00:01": (404, "not_found"),
    f"/{SITE}/corp": (400, "invalid"),
    "/%00/00:00:00:00:00:01": (400, "invalid"),
}


async def _fill(c):
    await put_other_site(c)
    await put_rows(c, networks, ROWS)


@pytest.fixture
def asked(migrated_url):
    """What people get of `ROWS`."""

    def ask(*queries, **who):
        paths = (f"/networks{query}" for query in queries)
        return answers(migrated_url, _fill, *paths, **who)

    return ask


def _names(body):
    return [item["ssid_text"] for item in body["items"]]


def test_filters_and_orders(asked):
    """Hidden networks by an empty SSID; a BSSID shows all its names."""
    found = asked(*FILTERS)

    names = [_names(body) for _, body in found]
    assert dict(zip(FILTERS, names, strict=True)) == FILTERS


def test_what_is_none_is_refused_or_not_found(asked):
    """Never the whole list, never a failure."""
    found = asked(*REFUSED)

    assert [(status, body["code"]) for status, body in found] == list(REFUSED.values())


def test_a_network_as_it_is_answered(asked):
    """SSID in hexadecimal, address as text, times in UTC."""
    [(_, body)] = asked("?text=_")
    [item] = body["items"]

    assert (item["bssid"], item["ssid"]) == ("00:00:00:00:00:02", "636166c3a95f00")
    assert item["last_seen"] == "2026-03-01T12:00:10Z"


def test_who_is_bound_to_a_site_sees_its_networks(asked):
    """Others are not there, or refused where they are asked for."""
    own, other = f"/{SITE}/00:00:00:00:00:01", f"/{OTHER_SITE}/00:00:00:00:00:03"
    found = asked("", f"?site={OTHER_SITE}", own, other, site=SITE)

    assert [status for status, _ in found] == [200, 403, 200, 404]
    assert _names(found[0][1]) == ["corp", "", "café_\\x00"]
