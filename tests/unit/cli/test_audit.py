"""`sentinel audit verify` as an administrator runs it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from tests.support.batches import NOW, in_transaction
from tests.support.tampering import unlock
from typer.testing import CliRunner

from sentinel_netlab.cli.app import app
from sentinel_netlab.store.audit import record
from sentinel_netlab.store.tables import audit_log


def verify(url: str, *words: str):
    """Run the command on the database *url*."""
    environ = {"DATABASE_URL": url}
    return CliRunner().invoke(app, ["audit", "verify", *words], env=environ)


@pytest.fixture
def url(migrated_url):
    """A database with one adopted row and three of ours."""

    async def fill(c):
        await c.execute(sa.insert(audit_log).values(event_type="login"))
        for number in range(3):
            await record(
                c,
                event_type="token",
                actor="ann",
                action="create",
                resource=f"t{number}",
                now=NOW,
            )

    in_transaction(migrated_url, fill)
    return migrated_url


def test_whole_log_gives_its_head(url):
    """Which the next run takes as its anchor."""
    first = verify(url)
    head = first.stdout.splitlines()[-1].removeprefix("head ")
    again = verify(url, "--anchor", head)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "3 rows" in first.stdout
    assert "1 adopted" in first.stdout
    assert head.startswith("3:")


def test_first_bad_row_is_named(url):
    """Exit status 3; position and id."""

    async def tamper(c):
        await unlock(c)
        rows = sa.update(audit_log).where(audit_log.c.position > 1)
        await c.execute(rows.values(actor="eve"))

    in_transaction(url, tamper)
    done = verify(url)

    assert (done.exit_code, done.stdout) == (3, "")
    assert "position 2, id 3: the row was changed" in done.stderr


def test_log_that_goes_past_no_anchor_is_broken(url):
    """An anchor that is further than the log, or another."""
    further, other = f"4:{'0' * 64}", f"2:{'0' * 64}"

    assert "position 4: the row is missing" in verify(url, "--anchor", further).stderr
    assert "position 2: the chain was written anew" in (
        verify(url, "--anchor", other).stderr
    )


@pytest.mark.parametrize("anchor", ["", "3", "x:y", f"-1:{'0' * 64}", f"3:{'G' * 64}"])
def test_what_is_no_anchor(anchor, url):
    """Exit status 2, before anything is read."""
    assert verify(url, "--anchor", anchor).exit_code == 2
