"""`sentinel worker` as a process: its start, its waiting and its end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from tests.support.batches import (
    alert,
    batch,
    in_transaction,
    observation,
    put,
    rows,
)
from tests.support.databases import migrate, sql
from tests.support.environments import HMAC_SECRET

from sentinel_netlab.core.times import microseconds
from sentinel_netlab.notify.webhook.signature import signature
from sentinel_netlab.store.tables import ingest_jobs, telemetry

MOST_S = 30.0
MANY = 40


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def environ(url: str, **more: str) -> dict[str, str]:
    """The environment of a worker in prod."""
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        "SENTINEL_ALLOW_SQLITE": "1",
        "SENTINEL_WORKER_METRICS_PORT": str(free_port()),
        **more,
    }


@contextmanager
def worker(env: dict[str, str], *words: str) -> Iterator[subprocess.Popen[str]]:
    """A worker at work; killed at the end if it still is."""
    command = [sys.executable, "-m", "sentinel_netlab", "worker", *words]
    with subprocess.Popen(
        command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(process: subprocess.Popen[str], event: str) -> dict:
    """The next line of the log of that name."""
    for line in process.stdout:
        entry = json.loads(line)
        if entry["event"] == event:
            return entry
    raise AssertionError(f"no {event}: {process.stderr.read()}")


def ended(process: subprocess.Popen[str]) -> int:
    """The exit status after SIGTERM."""
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=MOST_S)
    return process.returncode


def fill(url: str, count: int = MANY) -> None:
    """Batches of one observation each, received now: retention takes older ones."""

    async def run(c):
        for number in range(count):
            one = batch(number, observations=[observation(number)])
            await put(c, one, now=datetime.now(UTC))

    in_transaction(url, run)


def wait_until_stored(url: str, count: int) -> None:
    """So many jobs, each of one observation."""
    until_s = time.monotonic() + MOST_S
    while stored(url) != (count, count):
        assert time.monotonic() < until_s
        time.sleep(0.05)


@contextmanager
def receiver() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """The URL of a webhook, and what was posted to it."""
    posts: list[tuple[dict[str, str], bytes]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posts.append((dict(self.headers), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook", posts
        server.shutdown()
        thread.join()


def stored(url: str) -> tuple[int, int]:
    """Jobs that are done, and observations."""

    async def run(c):
        done = [one for one in await rows(c, ingest_jobs) if one["status"] == "done"]
        return len(done), len(await rows(c, telemetry))

    return in_transaction(url, run)


def test_worker_waits_for_its_schema(database_url):
    """It starts before the migration, says so, and goes on by itself."""
    with worker(environ(database_url)) as process:
        waits = wait_for(process, "Schema Not Ready")
        migrate(database_url)
        wait_for(process, "Schema Ready")
        fill(database_url, 1)
        wait_until_stored(database_url, 1)
        assert ended(process) == 0

    assert waits["code"] in {"schema_unversioned", "db_unreachable"}


@pytest.mark.optional
def test_worker_survives_its_connections(migrated_url):
    """The server restarted, or a firewall forgot them: it opens new ones."""
    if migrated_url.startswith("sqlite"):
        pytest.skip("a file has no connections to lose")
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with worker(environ(migrated_url)) as process:
        wait_for(process, "Schema Ready")
        sql(migrated_url, others)
        fill(migrated_url)
        wait_until_stored(migrated_url, MANY)
        assert ended(process) == 0


def test_signal_finishes_the_job_in_hand(migrated_url):
    """What is done is whole, what is not is queued; nothing is left leased."""
    fill(migrated_url)
    with worker(environ(migrated_url)) as process:
        wait_for(process, "Schema Ready")
        assert ended(process) == 0

    found = in_transaction(migrated_url, lambda c: rows(c, ingest_jobs))
    done, observations = stored(migrated_url)

    assert {job["status"] for job in found} <= {"done", "queued"}
    assert done == observations


def test_once_ends_when_nothing_is_due(migrated_url):
    """For a timer instead of a service."""
    fill(migrated_url, 5)
    with worker(environ(migrated_url), "--once") as process:
        process.communicate(timeout=MOST_S)

    assert process.returncode == 0
    assert stored(migrated_url) == (5, 5)


def test_alerts_go_to_every_channel(migrated_url, tmp_path):
    """As the settings name them: a signed post, a line of the file, one of the log."""
    now_us = microseconds(datetime.now(UTC))
    told = alert(first_us=now_us, raised_us=now_us, last_us=now_us)

    async def run(c):
        await put(c, batch(1, alerts=[told]), now=datetime.now(UTC))

    in_transaction(migrated_url, run)
    with receiver() as (hook, posts):
        env = environ(
            migrated_url,
            SENTINEL_WEBHOOK_URL=hook,
            SENTINEL_WEBHOOK_SECRET=HMAC_SECRET,
            SENTINEL_JSONL_PATH=str(tmp_path / "alerts.jsonl"),
        )
        with worker(env, "--once") as process:
            out, _ = process.communicate(timeout=MOST_S)
    [(headers, body)] = posts
    at_s = int(headers["Sentinel-Timestamp"])
    [line] = (tmp_path / "alerts.jsonl").read_text().splitlines()

    assert headers["Sentinel-Signature"] == signature(HMAC_SECRET.encode(), at_s, body)
    assert json.loads(body)["notices"][0]["alert"]["id"] == told.id
    assert json.loads(line)["alert"]["id"] == told.id
    assert '"event":"Alert"' in out


def test_lab_says_that_it_is_one(tmp_path):
    """SQLite in a folder; one line on stderr."""
    migrate(f"sqlite:///{tmp_path}/sentinel.db")
    env = environ("", HOME=str(tmp_path))
    del env["DATABASE_URL"]
    with worker(env, "--lab", "--data", str(tmp_path)) as process:
        wait_for(process, "Schema Ready")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=MOST_S)

    assert process.returncode == 0
    assert said.startswith("lab profile: loopback only")


def test_port_that_is_taken_is_told():
    """Exit status 1, and a line of the log."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        env = environ("postgresql://127.0.0.1:1/none")
        env["SENTINEL_WORKER_METRICS_PORT"] = str(taken.getsockname()[1])
        with worker(env) as process:
            out, _ = process.communicate(timeout=MOST_S)

    assert process.returncode == 1
    assert json.loads(out)["event"] == "Worker Failed"


@pytest.mark.parametrize("name", ["DATABASE_URL", "RETENTION_ALERTS_DAYS"])
def test_unusable_settings_exit_with_78(name):
    """Before anything is opened."""
    env = environ("postgresql://127.0.0.1:1/none")
    with worker({**env, name: "-"}) as process:
        process.communicate(timeout=MOST_S)

    assert process.returncode == 78


def test_database_that_is_away_ends_nobody():
    """It says so once, and ends when it is told to."""
    with worker(environ("postgresql://127.0.0.1:1/none")) as process:
        entry = wait_for(process, "Schema Not Ready")
        assert ended(process) == 0

    assert entry["code"] == "db_unreachable"
