"""Sites and their policies."""

from __future__ import annotations

import pytest
from tests.support.app import on_app
from tests.support.batches import SITE, rows
from tests.support.people import bearer
from tests.support.sensor_api import as_admin

from sentinel_netlab.store.tables import audit_log

POLICY = {"network": [{"ssid": "corp", "bssids": ["02:00:00:00:00:01"]}]}
NEW = {"id": "lab", "name": "Lab", "policy": POLICY}


async def see(lab, path="", site=None):
    headers = await bearer(lab, "viewer", site)
    return await lab.http.get(f"/api/v1/sites{path}", headers=headers)


def test_new_site(migrated_url):
    """There is one of each id."""

    async def ask(lab):
        made = [await as_admin(lab, "POST", "/sites", NEW) for _ in range(2)]
        return made, await see(lab, "/lab"), await see(lab)

    (made, again), shown, listed = on_app(migrated_url, ask)

    assert (made.status_code, again.status_code) == (201, 409)
    assert (made.json(), made.json()["policy_version"]) == (shown.json(), 1)
    assert shown.json()["policy"] == POLICY
    assert [site["id"] for site in listed.json()["items"]] == [SITE, "lab"]


def test_policy_counts_up(migrated_url):
    """A name is no policy; null takes it away."""
    changes = ({"policy": POLICY}, {"name": "B"}, {"policy": POLICY}, {"policy": None})

    async def ask(lab):
        path = f"/sites/{SITE}"
        found = [await as_admin(lab, "PUT", path, change) for change in changes]
        async with lab.engine.connect() as c:
            return [one.json() for one in found], await rows(c, audit_log, "id")

    found, logged = on_app(migrated_url, ask)

    assert [site["policy_version"] for site in found] == [2, 2, 2, 3]
    assert (found[-1]["name"], found[-1]["policy"]) == ("B", None)
    assert [(row["event_type"], row["action"]) for row in logged] == [
        ("site", "change")
    ] * 4
    assert logged[0]["details"]["policy"] == POLICY


@pytest.mark.parametrize(
    ("policy", "word"),
    [
        ({"networks": []}, "unknown table"),
        ({"network": [{"ssid": ""}]}, "an SSID has"),
        ({"network": [{"ssid": "a", "channels": [0]}]}, "channel"),
        ({"network": [{"ssid": "a", "bssids": ["nonsense"]}]}, "bssids"),
        ({"network": [{"ssid": "a\0"}]}, "ssid_hex"),
        ({"network": [{"ssid": "a" * 3_000}]}, "printable"),
        ({"network": [[[[[]]]]]}, "printable"),
        ({"network": [{"ssid": "a", "channels": [10**30]}]}, "printable"),
    ],
)
def test_bad_policy(any_url, policy, word):
    """The problem says where."""

    async def ask(lab):
        return await as_admin(lab, "PUT", f"/sites/{SITE}", {"policy": policy})

    answer = on_app(any_url, ask)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_policy")
    assert word in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x"},
        {"id": "X", "name": "x"},
        {"id": "x", "name": "\n"},
        {**NEW, "a": 1},
    ],
)
def test_what_is_no_site(any_url, body):
    """400."""

    async def ask(lab):
        return await as_admin(lab, "POST", "/sites", body)

    assert on_app(any_url, ask).status_code == 400


def test_who_is_bound_to_a_site_sees_that_one(migrated_url):
    """The others are not there."""

    async def ask(lab):
        await as_admin(lab, "POST", "/sites", NEW)
        return [await see(lab, path, "lab") for path in ("", "/lab", f"/{SITE}")]

    listed, own, other = on_app(migrated_url, ask)

    assert [site["id"] for site in listed.json()["items"]] == ["lab"]
    assert (own.status_code, other.status_code) == (200, 404)


@pytest.mark.parametrize("path", ["/moon", "/%00", "/%ff"])
def test_no_such_site(any_url, path):
    """Whatever stands in the path."""

    async def ask(lab):
        change = await as_admin(lab, "PUT", f"/sites{path}", {"name": "x"})
        return await see(lab, path), change

    assert {one.status_code for one in on_app(any_url, ask)} <= {400, 404}
