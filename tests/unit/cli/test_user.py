"""`sentinel user` as an administrator runs it."""

from __future__ import annotations

import pytest
from tests.support.batches import in_transaction, rows
from typer.testing import CliRunner

from sentinel_netlab.cli.app import app
from sentinel_netlab.store.audit import verify_rows
from sentinel_netlab.store.passwords import is_password
from sentinel_netlab.store.tables import audit_log, users
from sentinel_netlab.store.tokens import NewToken, create_token, list_tokens


def user(url: str, *words: str, **environ: str):
    """Run the command on the database *url*."""
    return CliRunner().invoke(
        app, ["user", *words], env={"DATABASE_URL": url, **environ}
    )


def kept(url: str) -> dict[str, dict]:
    """The users by name."""
    return {row["name"]: row for row in in_transaction(url, lambda c: rows(c, users))}


def test_password_is_printed_once_and_is_good(migrated_url):
    """On stdout alone, so that it can be piped; the database has a hash of it."""
    done = user(migrated_url, "create", "ann", "--role", "admin")
    [password] = done.stdout.splitlines()
    row = kept(migrated_url)["ann"]

    assert done.exit_code == 0
    assert password not in done.stderr
    assert is_password(password, row["password_hash"])
    assert (row["role"], row["must_change"], row["is_active"]) == ("admin", True, True)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["create", "ann"], 2),
        (["create", "ann", "--role", "root"], 1),
        (["create", "a b", "--role", "admin"], 1),
        (["create", "ben", "--role", "viewer"], 1),
        (["disable", "nobody"], 1),
        (["password", "nobody"], 1),
    ],
)
def test_what_is_refused(words, status, migrated_url):
    """One line on stderr, no password, nothing written."""
    user(migrated_url, "create", "ben", "--role", "viewer")
    done = user(migrated_url, *words)

    assert (done.exit_code, done.stdout) == (status, "")
    assert done.stderr
    assert set(kept(migrated_url)) == {"ben"}


def test_users_are_listed_with_their_state(migrated_url):
    """Name, role, state."""
    for name in ("ben", "ann"):
        user(migrated_url, "create", name, "--role", "analyst")
    user(migrated_url, "disable", "ben")

    lines = user(migrated_url, "list").stdout.splitlines()

    assert [line.split("\t")[:3] for line in lines] == [
        ["ann", "analyst", "password to be changed"],
        ["ben", "analyst", "disabled"],
    ]


def test_new_password_replaces_the_old_one(migrated_url):
    """And has to be changed again."""
    old = user(migrated_url, "create", "ann", "--role", "admin").stdout.strip()
    new = user(migrated_url, "password", "ann").stdout.strip()
    row = kept(migrated_url)["ann"]

    assert is_password(new, row["password_hash"])
    assert not is_password(old, row["password_hash"])
    assert row["must_change"]


def test_disabling_revokes_what_the_user_made(migrated_url):
    """Their tokens, and not those of others."""
    user(migrated_url, "create", "ann", "--role", "admin")

    async def make(c):
        row = (await rows(c, users))[0]
        for name, who in (("a", "ann"), ("b", "cli:root")):
            new = NewToken(name, "viewer", 30, who)
            await create_token(c, new, row["created_at"])

    in_transaction(migrated_url, make)
    done = user(migrated_url, "disable", "ann")
    states = {
        token.name: token.is_active
        for token in in_transaction(migrated_url, list_tokens)
    }

    assert (done.exit_code, "revoked: 1" in done.stdout) == (0, True)
    assert states == {"a": False, "b": True}


def test_every_change_is_in_the_audit_log(migrated_url):
    """By whom it was made on this machine; no password, no hash."""
    user(migrated_url, "create", "ann", "--role", "admin", LOGNAME="eva")
    user(migrated_url, "password", "ann", LOGNAME="eva")
    user(migrated_url, "disable", "ann", LOGNAME="eva")

    found = in_transaction(migrated_url, lambda c: rows(c, audit_log, "id"))

    assert [row["action"] for row in found] == ["create", "password", "disable"]
    assert {row["actor"] for row in found} == {"cli:eva"}
    assert "argon2" not in str(found)
    assert in_transaction(migrated_url, verify_rows).fault is None


def test_unmigrated_database_is_not_touched(database_url):
    """Exit status 1, and what to do."""
    done = user(database_url, "create", "ann", "--role", "admin")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "sentinel migrate" in done.stderr


@pytest.mark.parametrize(
    ("url", "status"),
    [("mysql://u:hunter2-hunter2-x@db/x", 78), ("", 78)],
)
def test_unusable_settings_exit_with_78(url, status):
    """And show no value."""
    done = user(url, "list")

    assert (done.exit_code, "hunter2" in done.output) == (status, False)


def test_database_that_is_away_is_told_in_one_line():
    """Without its address or password."""
    url = "postgresql://u:hunter2-hunter2-x@127.0.0.1:1/x"
    done = user(url, "list")

    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert not {"hunter2", "127.0.0.1"} & set(done.stderr.replace(":", " ").split())
