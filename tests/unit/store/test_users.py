"""Users: made, listed, disabled, given new passwords."""

from __future__ import annotations

import pytest
from tests.support.batches import NOW, in_transaction

from sentinel_netlab.store.tokens import NewToken, create_token
from sentinel_netlab.store.users import (
    User,
    UserError,
    create_user,
    disable_user,
    list_users,
    password_hash_of,
    set_password,
)


def test_there_is_no_default_account(migrated_url):
    """A new database has no user."""
    assert in_transaction(migrated_url, list_users) == []


def test_a_new_user_has_to_change_the_password(migrated_url):
    """The first one was made by us."""

    async def run(c):
        await create_user(c, "ben", "viewer", "hash b", NOW)
        await create_user(c, "ann", "admin", "hash a", NOW)
        return await list_users(c), await password_hash_of(c, "ann")

    found, kept = in_transaction(migrated_url, run)

    assert found[0] == User("ann", "admin", True, True, NOW)
    assert [user.name for user in found] == ["ann", "ben"]
    assert kept == "hash a"


@pytest.mark.parametrize(
    ("name", "role", "words"),
    [
        ("", "admin", "name"),
        ("ann b", "admin", "name"),
        ("ann\x1b[2J", "admin", "name"),
        ("x" * 65, "admin", "name"),
        ("ben", "root", "role"),
        ("ann", "admin", "has it"),
        ("grafana", "admin", "has it"),
    ],
)
def test_users_that_cannot_be_made(name, role, words, migrated_url):
    """Each for its own reason."""

    async def run(c):
        await create_user(c, "ann", "viewer", "x", NOW)
        await create_token(c, NewToken("grafana", "viewer", 9, "ann"), NOW)
        with pytest.raises(UserError, match=words):
            await create_user(c, name, role, "x", NOW)
        return await list_users(c)

    assert len(in_transaction(migrated_url, run)) == 1


def test_a_disabled_user_has_no_password(migrated_url):
    """Neither the old one nor a new one."""

    async def run(c):
        await create_user(c, "ann", "admin", "old", NOW)
        done = [await disable_user(c, "ann"), await disable_user(c, "ann")]
        changed = await set_password(c, "ann", "new")
        return done, changed, await password_hash_of(c, "ann"), await list_users(c)

    done, changed, kept, [user] = in_transaction(migrated_url, run)

    assert (done, changed, kept) == ([True, False], False, None)
    assert not user.is_active


def test_a_new_password_replaces_the_old_one(migrated_url):
    """Of this user only."""

    async def run(c):
        await create_user(c, "ann", "admin", "old", NOW)
        await create_user(c, "ben", "admin", "old", NOW)
        done = [await set_password(c, name, "new") for name in ("ann", "nobody")]
        return done, [await password_hash_of(c, name) for name in ("ann", "ben")]

    assert in_transaction(migrated_url, run) == ([True, False], ["new", "old"])
