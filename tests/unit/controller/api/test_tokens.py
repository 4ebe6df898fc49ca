"""``/api/v1/tokens``."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.support.app import on_app
from tests.support.batches import NOW, SITE
from tests.support.people import bearer, header

from sentinel_netlab.store.tables import api_tokens, audit_log

TOKENS = "/api/v1/tokens"


def test_made_token_opens_and_is_told_once(migrated_url):
    """201 with the token; nobody's memory keeps the answer."""

    async def ask(lab):
        admin = await bearer(lab, "admin")
        body = {"name": "ann", "role": "analyst", "site_id": SITE, "days": 7}
        made = await lab.http.post(TOKENS, headers=admin, json=body)
        own = header(made.json()["token"])
        listed = await lab.http.get(TOKENS, headers=admin)
        return made, await lab.http.get("/api/v1/me", headers=own), listed

    made, me, listed = on_app(migrated_url, ask)

    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    token = made.json()
    assert (token["state"], token["expires_at"]) == ("active", "2026-03-08T12:00:00Z")
    assert (me.json()["role"], me.json()["site_id"]) == ("analyst", SITE)
    assert token["token"].split("_")[3] not in listed.text
    assert {one["name"] for one in listed.json()["items"]} > {"ann"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "ann", "role": "root"}, 400, "invalid"),
        ({"name": "ann b", "role": "viewer"}, 400, "invalid"),
        ({"name": "", "role": "viewer"}, 400, "invalid"),
        ({"name": "ann", "role": "viewer", "days": 0}, 400, "invalid"),
        ({"name": "ann", "role": "viewer", "days": 367}, 400, "invalid"),
        ({"name": "ann", "role": "viewer", "days": 1.5}, 400, "invalid"),
        ({"name": "ann", "role": "viewer", "site_id": "no"}, 400, "invalid"),
        ({"name": "ann", "role": "viewer", "adopted": False}, 400, "invalid"),
        ({"name": "ann", "role": "viewer", "created_by": "x"}, 400, "invalid"),
        ({"role": "viewer"}, 400, "invalid"),
        ([], 400, "invalid"),
        ({"name": "taken", "role": "viewer"}, 409, "name_taken"),
    ],
)
def test_tokens_that_cannot_be_made(body, status, code, migrated_url):
    """Fields that are not for people to set are refused, not ignored."""

    async def ask(lab):
        admin = await bearer(lab, "admin")
        first = {"name": "taken", "role": "viewer"}
        await lab.http.post(TOKENS, headers=admin, json=first)
        return await lab.http.post(TOKENS, headers=admin, json=body)

    answer = on_app(migrated_url, ask)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_revoked_token_opens_nothing_and_stays_listed(migrated_url):
    """Once more changes nothing and says the same."""

    async def ask(lab):
        admin, victim = await bearer(lab, "admin"), await bearer(lab, "viewer")
        token_id = victim["Authorization"].split("_")[2]
        url = f"{TOKENS}/{token_id}/revoke"
        first = await lab.http.post(url, headers=admin)
        lab.clock.advance(60)
        again = await lab.http.post(url, headers=admin)
        return first, again, await lab.http.get("/api/v1/me", headers=victim)

    first, again, refused = on_app(migrated_url, ask)

    assert (first.status_code, first.json()["state"]) == (200, "revoked")
    assert again.json() == first.json()
    assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")


def test_unknown_token_cannot_be_revoked(migrated_url):
    """404, and no row in the audit log."""

    async def ask(lab):
        admin = await bearer(lab, "admin")
        answer = await lab.http.post(f"{TOKENS}/none/revoke", headers=admin)
        async with lab.engine.begin() as c:
            return answer, (await c.execute(sa.select(audit_log))).all()

    answer, rows = on_app(migrated_url, ask)

    assert (answer.status_code, answer.json()["code"], rows) == (404, "not_found", [])


def test_changes_are_in_the_audit_log(migrated_url):
    """Who, what, from where; never the token."""

    async def ask(lab):
        admin = await bearer(lab, "admin")
        body = {"name": "ann", "role": "viewer"}
        made = (await lab.http.post(TOKENS, headers=admin, json=body)).json()
        await lab.http.post(f"{TOKENS}/{made['id']}/revoke", headers=admin)
        async with lab.engine.begin() as c:
            query = sa.select(audit_log).order_by("id")
            return made, (await c.execute(query)).mappings().all()

    made, rows = on_app(migrated_url, ask)

    assert [(row["event_type"], row["action"]) for row in rows] == [
        ("token", "create"),
        ("token", "revoke"),
    ]
    assert {row["resource"] for row in rows} == {made["id"]}
    assert {row["ip_address"] for row in rows} == {"192.0.2.7"}
    assert all(row["actor"].startswith("admin") for row in rows)
    assert made["token"].split("_")[3] not in str(rows)


def test_adopted_and_expired_tokens_say_so(migrated_url):
    """An adopted one whatever its other columns say."""

    async def ask(lab):
        admin = await bearer(lab, "admin")
        rows = [
            {"token_id": "admin-01", "adopted": True, "is_active": True},
            {"token_id": "old", "adopted": False, "is_active": True},
        ]
        end = NOW - timedelta(days=1)
        async with lab.engine.begin() as c:
            for row in rows:
                row |= {"token_hash": row["token_id"], "role": "admin"}
                await c.execute(sa.insert(api_tokens).values(**row, expires_at=end))
        found = await lab.http.get(TOKENS, headers=admin)
        return {one["id"]: one["state"] for one in found.json()["items"]}

    states = on_app(migrated_url, ask)

    assert (states["admin-01"], states["old"]) == ("adopted", "expired")


def test_tokens_come_in_pages(migrated_url):
    """Each once."""

    async def ask(lab):
        admin = await bearer(lab, "admin")
        for _ in range(4):
            await bearer(lab, "viewer")
        found, cursor = [], None
        while cursor or not found:
            query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = (await lab.http.get(TOKENS, headers=admin, params=query)).json()
            found += [one["id"] for one in page["items"]]
            cursor = page["next"]
        return found

    found = on_app(migrated_url, ask)

    assert (len(found), found) == (5, sorted(set(found)))
