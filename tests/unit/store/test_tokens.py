"""API tokens: their form, what opens, what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.support.batches import NOW, SITE, in_transaction

from sentinel_netlab.store.tables import api_tokens
from sentinel_netlab.store.tokens import (
    MAX_DAYS,
    USED_EVERY,
    NewToken,
    Presented,
    TokenError,
    create_token,
    find_token,
    list_tokens,
    note_use,
    open_with,
    revoke_token,
    revoke_tokens_of,
    use_is_due,
)
from sentinel_netlab.store.users import create_user

NEW = NewToken("grafana", "viewer", 30, "cli:ann")
GOOD = f"snl_api_{'ab' * 8}_{'cd' * 32}_f4481295"


def test_form_is_what_scanners_look_for():
    """``snl_<kind>_<id>_<secret>_<crc>``; the hash is that of the whole."""
    presented = Presented.parse(GOOD)

    assert presented == Presented("ab" * 8, sha256(GOOD.encode()).hexdigest())
    assert GOOD[30:40] not in repr(presented)


@given(st.integers(0, len(GOOD) - 1), st.characters(codec="utf-8"))
def test_a_changed_character_is_seen_without_the_database(at, other):
    """The check sum covers all before it."""
    changed = GOOD[:at] + other + GOOD[at + 1 :]

    assert (Presented.parse(changed) is None) == (changed != GOOD)


@given(st.text())
def test_other_texts_are_no_tokens(text):
    """Whatever they hold."""
    assert Presented.parse(text) is None


@pytest.mark.parametrize(
    "text", ["admin-token-dev", "", GOOD + "\n", " " + GOOD, GOOD.upper(), GOOD[:-1]]
)
def test_what_is_nearly_a_token_is_none(text):
    """Nothing is stripped or folded."""
    assert Presented.parse(text) is None


def test_a_new_token_opens(migrated_url):
    """It is found by its text, and only a hash of that is kept."""

    async def run(c):
        text, token = await create_token(c, replace(NEW, site_id=SITE), NOW)
        found = await open_with(c, Presented.parse(text))
        return text, token, found, (await c.execute(sa.select(api_tokens))).one()

    text, token, found, row = in_transaction(migrated_url, run)

    assert found == token
    assert found.refusal(NOW) is None
    assert (found.role, found.site_id, found.created_by) == ("viewer", SITE, "cli:ann")
    assert row.token_hash == sha256(text.encode()).hexdigest()
    assert not any(text.split("_")[3] in str(value) for value in row)


def test_another_secret_opens_nothing(migrated_url):
    """A well-formed token with a known id is not enough."""

    async def run(c):
        digits = iter(["ab" * 8, "00" * 32])
        await create_token(c, NEW, NOW, lambda _: next(digits))
        unknown = Presented("ef" * 8, sha256(b"").hexdigest())
        shown = [Presented.parse(GOOD), unknown]
        return [await open_with(c, one) for one in shown]

    assert in_transaction(migrated_url, run) == [None, None]


ADOPTED = {
    "public word": sha256(b"admin-token-dev").hexdigest(),
    "our form": sha256(GOOD.encode()).hexdigest(),
}


@pytest.mark.parametrize("name", ADOPTED)
def test_adopted_tokens_open_nothing(name, migrated_url):
    """Active, not expired, admin: and still of an older version."""

    async def run(c):
        row = {
            "token_id": "ab" * 8,
            "token_hash": ADOPTED[name],
            "role": "admin",
            "expires_at": NOW + timedelta(days=300),
            "is_active": True,
            "adopted": True,
        }
        await c.execute(sa.insert(api_tokens).values(row))
        opened = await open_with(c, Presented.parse(GOOD))
        return opened, await find_token(c, "ab" * 8)

    opened, kept = in_transaction(migrated_url, run)

    assert opened is None
    assert kept.refusal(NOW) == "unknown"


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({}, None),
        ({"is_active": False}, "revoked"),
        ({"revoked_at": NOW}, "revoked"),
        ({"expires_at": NOW}, "expired"),
        ({"expires_at": NOW - timedelta(days=1)}, "expired"),
        ({"expires_at": None}, "expired"),
        ({"role": "ADMIN"}, "unknown"),
        ({"adopted": True}, "unknown"),
    ],
)
def test_what_a_token_is_refused_for(changed, refusal, migrated_url):
    """One word for each; a token without an end has ended."""

    async def run(c):
        return (await create_token(c, NEW, NOW))[1]

    token = in_transaction(migrated_url, run)

    assert replace(token, **changed).refusal(NOW) == refusal


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": "-x"}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": "x\n"}, "name"),
        ({"role": "root"}, "role"),
        ({"days": 0}, "days"),
        ({"days": MAX_DAYS + 1}, "days"),
        ({"site_id": "nowhere"}, "site"),
        ({"name": "taken"}, "has it"),
        ({"name": "ann"}, "has it"),
    ],
)
def test_tokens_that_cannot_be_made(changed, words, migrated_url):
    """Each for its own reason; nothing is written."""

    async def run(c):
        await create_token(c, replace(NEW, name="taken"), NOW)
        await create_user(c, "ann", "admin", "x", NOW)
        with pytest.raises(TokenError, match=words):
            await create_token(c, replace(NEW, **changed), NOW)
        return await list_tokens(c)

    assert len(in_transaction(migrated_url, run)) == 1


def test_a_name_is_free_again_when_its_token_is_dead(migrated_url):
    """Revoked or expired."""

    async def run(c):
        _, first = await create_token(c, replace(NEW, days=1), NOW)
        _, second = await create_token(c, NEW, NOW + timedelta(days=1))
        await revoke_token(c, second.token_id, NOW)
        _, third = await create_token(c, NEW, NOW + timedelta(days=1))
        return {first.token_id, second.token_id, third.token_id}

    assert len(in_transaction(migrated_url, run)) == 3


def test_revoking_works_once(migrated_url):
    """And is kept with its time."""

    async def run(c):
        _, token = await create_token(c, NEW, NOW)
        later = NOW + timedelta(hours=1)
        done = [await revoke_token(c, token.token_id, later) for _ in range(2)]
        return done, await revoke_token(c, "none", later), await list_tokens(c)

    done, unknown, [token] = in_transaction(migrated_url, run)

    assert (done, unknown) == ([True, False], False)
    assert token.revoked_at == NOW + timedelta(hours=1)
    assert token.refusal(NOW) == "revoked"


def test_all_of_one_maker_are_revoked(migrated_url):
    """Those of others stay."""

    async def run(c):
        makers = ["ann", "ann", "ben"]
        made = [
            (await create_token(c, NewToken(f"t{n}", "viewer", 9, who), NOW))[1]
            for n, who in enumerate(makers)
        ]
        gone = await revoke_tokens_of(c, "ann", NOW)
        again = await revoke_tokens_of(c, "ann", NOW)
        return sorted(t.token_id for t in made[:2]), gone, again

    made, gone, again = in_transaction(migrated_url, run)

    assert (gone, again) == (made, [])


def test_use_is_written_now_and_then(migrated_url):
    """Not for each request: a second write within five minutes does nothing."""

    async def run(c):
        _, token = await create_token(c, NEW, NOW)
        used = []
        for after in (timedelta(), timedelta(minutes=4), USED_EVERY):
            await note_use(c, token, NOW + after)
            token = await find_token(c, token.token_id)
            used.append((token.last_used - NOW, use_is_due(token, NOW + USED_EVERY)))
        return used

    zero = timedelta()
    assert in_transaction(migrated_url, run) == [
        (zero, True),
        (zero, True),
        (USED_EVERY, False),
    ]


def test_tokens_are_listed_by_id(migrated_url):
    """All of them."""

    async def run(c):
        for n in range(3):
            await create_token(c, NewToken(f"t{n}", "viewer", 9, "ann"), NOW)
        return [token.token_id for token in await list_tokens(c)]

    found = in_transaction(migrated_url, run)

    assert len(found) == 3
    assert found == sorted(found)
