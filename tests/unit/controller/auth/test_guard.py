"""The guard: who gets in, who does not, and what is told and logged of it."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
import sqlalchemy as sa
from tests.support.app import on_app
from tests.support.batches import NOW, SITE
from tests.support.people import bearer, header, new_token

from sentinel_netlab.controller.auth.guard import bearer_token
from sentinel_netlab.controller.problems import Problem
from sentinel_netlab.store.tables import api_tokens, audit_log

ME = "/api/v1/me"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([(b"authorization", b"Bearer abc")], "abc"),
        ([(b"Authorization", b"bearer  abc ")], "abc"),
        ([(b"authorization", b"Bearer")], ""),
        ([(b"authorization", b"Bearer \xff")], "\xff"),
        ([], None),
        ([(b"authorization", b"")], None),
        ([(b"authorization", b"Basic YTpi")], None),
        ([(b"authorization", b"Bearer a"), (b"authorization", b"Bearer a")], None),
    ],
)
def test_header_is_one_bearer_token(lines, text):
    """Another scheme, or two lines, is nobody."""
    if text is not None:
        assert bearer_token(lines) == text
        return
    with pytest.raises(Problem) as caught:
        bearer_token(lines)
    assert (caught.value.status, caught.value.code) == (401, "unauthenticated")


@pytest.mark.parametrize("site", [None, SITE])
def test_good_token_is_its_person(site, migrated_url):
    """Name, role, site and end, as the token has them."""

    async def ask(lab):
        text = await new_token(lab, "analyst", site, name="ann")
        return await lab.http.get(ME, headers=header(text)), text

    answer, text = on_app(migrated_url, ask)

    assert answer.status_code == 200
    assert answer.json() == {
        "name": "ann",
        "role": "analyst",
        "site_id": site,
        "token_id": text.split("_")[2],
        "expires_at": "2026-03-31T12:00:00Z",
    }


async def public_word(lab) -> str:
    """The word that samples of an older version made known, as they stored it."""
    row = {
        "token_id": "admin-01",
        "token_hash": sha256(b"admin-token-dev").hexdigest(),
        "role": "admin",
        "expires_at": NOW + timedelta(days=300),
        "is_active": True,
        "adopted": True,
    }
    async with lab.engine.begin() as c:
        await c.execute(sa.insert(api_tokens).values(row))
    return "admin-token-dev"


async def adopted(lab) -> str:
    """A token of ours that is said to be adopted."""
    return await changed(lab, adopted=True)


async def revoked(lab) -> str:
    return await changed(lab, revoked_at=NOW, is_active=False)


async def expired(lab) -> str:
    text = await new_token(lab, "admin", days=1)
    lab.clock.advance(86_400)
    return text


async def other_secret(lab) -> str:
    return await changed(lab, token_hash=sha256(b"x").hexdigest())


async def strange_role(lab) -> str:
    return await changed(lab, role="ADMIN")


async def mistyped(lab) -> str:
    return (await new_token(lab, "admin"))[:-1] + "x"


async def changed(lab, **values) -> str:
    text = await new_token(lab, "admin")
    async with lab.engine.begin() as c:
        await c.execute(sa.update(api_tokens).values(values))
    return text


REFUSED = {
    public_word: "token_invalid",
    adopted: "token_invalid",
    other_secret: "token_invalid",
    strange_role: "token_invalid",
    mistyped: "token_invalid",
    revoked: "token_revoked",
    expired: "token_expired",
}


@pytest.mark.parametrize("make", REFUSED, ids=lambda make: make.__name__)
def test_what_opens_nothing(make, migrated_url):
    """401; why, only for a token that was once good."""

    async def ask(lab):
        text = await make(lab)
        return text, await lab.http.get(ME, headers=header(text)), lab.logs()

    text, answer, logs = on_app(migrated_url, ask)

    assert (answer.status_code, answer.json()["code"]) == (401, REFUSED[make])
    assert "invalid_token" in answer.headers["www-authenticate"]
    assert not any(text[30:] in str(line) for line in logs if text[30:])


def test_success_and_failure_are_logged_without_the_token(migrated_url):
    """Who, from where, with which end."""

    async def ask(lab):
        text = await new_token(lab, "viewer", name="ann")
        for headers in (header(text), header(text[:-1]), {}):
            await lab.http.get(ME, headers=headers)
        await lab.http.get("/api/v1/audit", headers=header(text))
        counter = lab.services.metrics.authentications
        counts = {
            one.labels["result"]: one.value
            for one in counter.collect()[0].samples
            if one.name.endswith("_total")
        }
        return text, lab.logs("Authentication"), lab.stream.getvalue().decode(), counts

    text, lines, whole, counts = on_app(migrated_url, ask)

    assert [(line["outcome"], line["code"], line["person"]) for line in lines] == [
        ("success", None, "ann"),
        ("failure", "token_invalid", None),
        ("failure", "unauthenticated", None),
        ("failure", "forbidden", "ann"),
    ]
    assert counts == {line["code"] or "success": 1 for line in lines}
    assert {line["ip"] for line in lines} == {"192.0.2.7"}
    assert all(line["request_id"] for line in lines)
    assert text.split("_")[3][:16] not in whole


def test_failures_of_an_address_are_limited(migrated_url):
    """Twenty, then no token of that address is looked at for a while."""

    async def ask(lab):
        good, wrong = await bearer(lab, "viewer"), header("wrong")
        failed = [await lab.http.get(ME, headers=wrong) for _ in range(21)]
        blocked = await lab.http.get(ME, headers=good)
        lab.clock.advance(10)
        return failed, blocked, await lab.http.get(ME, headers=good)

    failed, blocked, later = on_app(migrated_url, ask, address_burst=1000)

    assert [one.status_code for one in failed] == [401] * 20 + [429]
    assert (blocked.status_code, blocked.headers["retry-after"]) == (429, "10")
    assert later.status_code == 200


@pytest.mark.parametrize("limit", ["address", "credential"])
def test_requests_are_limited(limit, migrated_url):
    """By address before the token is read, by token once it is good."""

    async def ask(lab):
        one, two = await bearer(lab, "viewer"), await bearer(lab, "viewer")
        answers = [await lab.http.get(ME, headers=who) for who in (one, one, one, two)]
        return [answer.status_code for answer in answers]

    found = on_app(migrated_url, ask, **{f"{limit}_burst": 2})

    assert found == [200, 200, 429, 429 if limit == "address" else 200]


def test_use_is_kept_without_a_write_for_each_request(migrated_url):
    """The first use, and those five minutes later."""

    async def ask(lab):
        who, used = await bearer(lab, "viewer"), []
        for _ in range(4):
            await lab.http.get(ME, headers=who)
            async with lab.engine.begin() as c:
                used.append(await c.scalar(sa.select(api_tokens.c.last_used)))
            lab.clock.advance(120)
        return [(one - NOW).total_seconds() for one in used]

    assert on_app(migrated_url, ask) == [0, 0, 0, 360]


def test_reading_leaves_nothing_in_the_audit_log(migrated_url):
    """Authentication is in the log of the process."""

    async def ask(lab):
        await lab.http.get(ME, headers=await bearer(lab, "viewer"))
        async with lab.engine.begin() as c:
            return (await c.execute(sa.select(audit_log))).all()

    assert on_app(migrated_url, ask) == []


def test_code_of_a_sensor_is_in_no_cache(migrated_url):
    """Nor is anything else that is shown once."""

    async def ask(lab):
        admin = await bearer(lab, "admin")
        body = {"id": "cellar"}
        return await lab.http.post("/api/v1/sensors", headers=admin, json=body)

    answer = on_app(migrated_url, ask)

    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
