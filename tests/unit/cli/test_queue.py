"""`sentinel queue` as an administrator runs it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support.batches import NOW, batch, in_transaction, put, rows
from typer.testing import CliRunner

from sentinel_netlab.cli.app import app
from sentinel_netlab.store.audit import verify_rows
from sentinel_netlab.store.queue import claim, fail
from sentinel_netlab.store.tables import audit_log, ingest_jobs

DEAD, OTHER, WAITS = (f"roof:{batch(number).batch_id}" for number in range(3))


def queue(url: str, *words: str):
    """Run the command on the database *url*."""
    return CliRunner().invoke(app, ["queue", *words], env={"DATABASE_URL": url})


@pytest.fixture
def url(migrated_url):
    """A database with two dead jobs and one that waits."""

    async def fill(c):
        for number in range(3):
            await put(c, batch(number), now=NOW + timedelta(seconds=number))
        for _ in range(2):
            later = NOW + timedelta(minutes=1)
            job = await claim(c, owner="w", lease_s=60, now=later)
            await fail(c, job, "bad\tbatch", NOW, permanent=True)

    in_transaction(migrated_url, fill)
    return migrated_url


def statuses(url: str) -> dict[str, str]:
    """Each job's."""
    found = in_transaction(url, lambda c: rows(c, ingest_jobs))
    return {row["job_id"]: row["status"] for row in found}


def test_dead_jobs_are_visible(url):
    """One line each, with the reason; what is in the texts breaks no column."""
    done = queue(url, "list", "--status", "dead")
    lines = [line.split("\t") for line in done.output.splitlines()]

    assert done.exit_code == 0
    assert [line[:2] for line in lines] == [[OTHER, "dead"], [DEAD, "dead"]]
    assert lines[0][-1] == r"bad\tbatch"
    assert {len(line) for line in lines} == {7}


def test_all_jobs_are_listed_up_to_a_limit(url):
    """The newest first."""
    done = queue(url, "list", "--limit", "2")

    assert [line.split("\t")[0] for line in done.output.splitlines()] == [WAITS, OTHER]


def test_one_job_is_tried_again(url):
    """And the audit log says who wanted it."""
    done = queue(url, "retry", DEAD)
    [row] = in_transaction(url, lambda c: rows(c, audit_log))

    assert (done.exit_code, done.output) == (0, "1 job is queued again\n")
    assert statuses(url) == {DEAD: "queued", OTHER: "dead", WAITS: "queued"}
    assert (row["event_type"], row["action"], row["resource"]) == (
        *("job", "retry"),
        DEAD,
    )
    assert row["actor"].startswith("cli")
    assert in_transaction(url, verify_rows).fault is None


def test_all_dead_jobs_are_tried_again(url):
    """One row of the audit log counts them."""
    done = queue(url, "retry", "--all")
    [row] = in_transaction(url, lambda c: rows(c, audit_log))

    assert done.output == "2 jobs are queued again\n"
    assert set(statuses(url).values()) == {"queued"}
    assert row["details"] == {"jobs": 2}


@pytest.mark.parametrize("name", [WAITS, "roof:none"])
def test_only_what_is_dead_comes_back(url, name):
    """Anything else is refused, and no row is written."""
    done = queue(url, "retry", name)

    assert done.exit_code == 1
    assert "no such dead job" in done.output
    assert in_transaction(url, lambda c: rows(c, audit_log)) == []


@pytest.mark.parametrize(
    "words", [("retry",), ("retry", DEAD, "--all"), ("list", "--status", "gone")]
)
def test_unclear_words_are_refused(words):
    """Before the database is asked."""
    assert queue("postgresql:///nowhere", *words).exit_code == 2
