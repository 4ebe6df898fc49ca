"""`sentinel token` as an administrator runs it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from tests.support.batches import NOW, SITE, in_transaction, rows
from typer.testing import CliRunner

from sentinel_netlab.cli.app import app
from sentinel_netlab.store.tables import api_tokens, audit_log
from sentinel_netlab.store.tokens import Presented, open_with


def token(url: str, *words: str):
    """Run the command on the database *url*."""
    return CliRunner().invoke(app, ["token", *words], env={"DATABASE_URL": url})


def opened(url: str, text: str):
    """The token that *text* is."""
    return in_transaction(url, lambda c: open_with(c, Presented.parse(text)))


def test_token_is_printed_once_and_opens(migrated_url):
    """On stdout alone."""
    in_transaction(migrated_url, lambda c: rows(c, api_tokens))  # furnishes
    words = ["create", "grafana", "--role", "viewer", "--site", SITE, "--days", "7"]
    done = token(migrated_url, *words)
    [text] = done.stdout.splitlines()
    found = opened(migrated_url, text)

    assert done.exit_code == 0
    assert text not in done.stderr
    assert (found.name, found.role, found.site_id) == ("grafana", "viewer", SITE)
    assert (found.expires_at - found.created_at).days == 7


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["create", "x"], 2),
        (["create", "x", "--role", "root"], 1),
        (["create", "x", "--role", "viewer", "--days", "0"], 1),
        (["create", "x", "--role", "viewer", "--site", "nowhere"], 1),
        (["create", "\x1b[2J", "--role", "viewer"], 1),
        (["revoke", "nothing"], 1),
    ],
)
def test_what_is_refused(words, status, migrated_url):
    """One line on stderr, nothing on stdout."""
    done = token(migrated_url, *words)

    assert (done.exit_code, done.stdout) == (status, "")
    assert done.stderr
    assert in_transaction(migrated_url, lambda c: rows(c, api_tokens)) == []


def test_revoked_token_opens_nothing(migrated_url):
    """And cannot be revoked again."""
    text = token(migrated_url, "create", "x", "--role", "admin").stdout.strip()
    found = opened(migrated_url, text)
    done = [token(migrated_url, "revoke", found.token_id) for _ in range(2)]

    assert [one.exit_code for one in done] == [0, 1]
    assert opened(migrated_url, text).refusal(NOW) == "revoked"


def test_tokens_are_listed_without_their_secrets(migrated_url):
    """Adopted ones are said to open nothing; what is in a name breaks no line."""
    text = token(migrated_url, "create", "x", "--role", "admin").stdout.strip()

    async def adopt(c):
        row = {"token_id": "admin-01", "token_hash": "0", "name": "a\tb\n"}
        await c.execute(sa.insert(api_tokens).values(**row, role="admin", adopted=True))

    in_transaction(migrated_url, adopt)
    done = token(migrated_url, "list")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    states = {line[1]: line[4] for line in lines}

    assert states == {"x": "good", r"a\tb\n": "adopted, opens nothing"}
    assert text.split("_")[3] not in done.output


def test_changes_are_in_the_audit_log(migrated_url):
    """With the id, and not the token."""
    text = token(migrated_url, "create", "x", "--role", "admin").stdout.strip()
    token_id = text.split("_")[2]
    token(migrated_url, "revoke", token_id)

    found = in_transaction(migrated_url, lambda c: rows(c, audit_log, "id"))

    assert [(row["action"], row["resource"]) for row in found] == [
        ("create", token_id),
        ("revoke", token_id),
    ]
    assert text.split("_")[3] not in str(found)
