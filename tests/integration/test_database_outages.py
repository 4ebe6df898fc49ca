"""PostgreSQL goes away, is full or read-only while requests are served."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import count

import httpx
import pytest
from tests.support.app import Lab, on_app
from tests.support.batches import batch, observation
from tests.support.databases import empty_database, migrate, sql
from tests.support.people import bearer
from tests.support.postgres import Postgres, private_postgres

from sentinel_netlab.client.answers import Answer
from sentinel_netlab.controller.problems import MEDIA_TYPE
from sentinel_netlab.core.wire import encode_batch

KILLS = 3
ENOUGH = 40
"""Good answers between two kills."""
NO_LIMITS = {
    "address_rate_per_s": 1e6,
    "address_burst": 1_000_000,
    "credential_rate_per_s": 1e6,
    "credential_burst": 1_000_000,
}
FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'could not extend file: No space left on device'
  USING ERRCODE = '53100';
END $$
"""
_numbers = count(1)


async def send(lab: Lab) -> tuple[str, Answer]:
    """A batch of its own."""
    number = next(_numbers)
    one = batch(number, observations=[observation(number)])
    answer = await lab.sensor.send_batch(one.batch_id, encode_batch(one), "identity")
    return one.batch_id, answer


async def ask(lab: Lab, headers: dict[str, str]) -> list[httpx.Response]:
    """Who am I, a list, and a change."""
    number = next(_numbers)
    site = {"id": f"site{number}", "name": f"Site {number}"}
    return [
        await lab.http.get("/api/v1/me", headers=headers),
        await lab.http.get("/api/v1/alerts", headers=headers),
        await lab.http.post("/api/v1/sites", headers=headers, json=site),
    ]


def assert_refusal(answer: httpx.Response, *codes: str) -> None:
    """503 in the one shape, with a time to come again."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["code"] in codes


def assert_one_line_each(lab: Lab) -> None:
    """No traceback, and nothing at level error."""
    told = [line for line in lab.logs() if line["event"] == "Request Failed"]
    assert told
    assert {line["level"] for line in lab.logs()} <= {"info", "warning"}
    assert [line for line in lab.logs() if "exception" in line] == []


class Traffic:
    """People and sensors that ask without a pause."""

    def __init__(self, lab: Lab, headers: dict[str, str]) -> None:
        self._lab, self._headers = lab, headers
        self._done = asyncio.Event()
        self.good: Counter[str] = Counter()
        self.refused: list[httpx.Response] = []
        self.kept: list[str] = []

    async def _people(self) -> None:
        while not self._done.is_set():
            for answer in await ask(self._lab, self._headers):
                if answer.status_code < 300:
                    self.good["people"] += 1
                else:
                    self.refused.append(answer)

    async def _sensor(self) -> None:
        while not self._done.is_set():
            batch_id, answer = await send(self._lab)
            assert answer.status in {202, 503}, answer
            if answer.status == 202:
                self.good["sensors"] += 1
                self.kept.append(batch_id)

    async def pass_by(self, server: Postgres) -> None:
        """Kill *server* in the middle, again and again."""
        works = (self._people(), self._people(), self._sensor(), self._sensor())
        tasks = [asyncio.create_task(work) for work in works]
        for _ in range(KILLS):
            self.good.clear()
            while min(self.good["people"], self.good["sensors"]) < ENOUGH:
                ended, _ = await asyncio.wait(tasks, timeout=0.05)
                assert not ended, [task.exception() for task in ended]
            server.kill()
            await server.ready()
        self._done.set()
        await asyncio.gather(*tasks)


async def killed_in_the_middle(lab: Lab, server: Postgres) -> None:
    traffic = Traffic(lab, await bearer(lab, "admin"))
    await traffic.pass_by(server)

    assert len(traffic.refused) >= KILLS
    for answer in traffic.refused:
        assert_refusal(answer, "db_unreachable", "database_busy")
    stored = {row[0] for row in sql(server.url, "SELECT batch_id FROM ingest_jobs")}
    assert set(traffic.kept) <= stored
    assert_one_line_each(lab)


def test_killed_in_the_middle_of_requests():
    """503 and never 500, a line for each; what was acknowledged is there."""
    with private_postgres() as server:
        migrate(server.url)
        on_app(server.url, lambda lab: killed_in_the_middle(lab, server), **NO_LIMITS)


@pytest.fixture
def url(tmp_path):
    with empty_database("postgresql16", tmp_path) as url:
        migrate(url)
        yield url


def test_connections_are_ended(url):
    """Those in the pool are found broken; the next request goes on."""

    async def run(lab):
        headers = await bearer(lab, "admin")
        before = await ask(lab, headers)
        sql(
            url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        return before, await ask(lab, headers), await send(lab)

    before, after, (_, sent) = on_app(url, run)

    assert [one.status_code for one in before] == [200, 200, 201]
    assert [one.status_code for one in after] == [200, 200, 201]
    assert sent.status == 202


def test_read_only(url):
    """As a standby, or an administrator's choice: 503 for what writes."""

    async def run(lab):
        headers = await bearer(lab, "admin")
        sql(
            url,
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET"
            " default_transaction_read_only = on', current_database()); END $$",
        )
        await lab.engine.dispose()
        me, listed, made = await ask(lab, headers)
        _, sent = await send(lab)
        assert_one_line_each(lab)
        return me, listed, made, sent

    _, _, made, sent = on_app(url, run)

    assert_refusal(made, "db_read_only")
    assert (sent.status, sent.code) == (503, "db_read_only")


@pytest.mark.parametrize("table", ["ingest_jobs", "sites"])
def test_disk_full(url, table):
    """Where PostgreSQL has no room for a row, and before the looks at the disk."""

    async def run(lab):
        headers = await bearer(lab, "admin")
        sql(
            url,
            FULL,
            f"CREATE TRIGGER no_room BEFORE INSERT ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION no_room()",
        )
        me, listed, made = await ask(lab, headers)
        _, sent = await send(lab)
        assert_one_line_each(lab)
        return (me.status_code, listed.status_code), made, sent

    read, made, sent = on_app(url, run)

    assert read == (200, 200)
    if table == "sites":
        assert_refusal(made, "disk_full")
        assert sent.status == 202
    else:
        assert made.status_code == 201
        assert (sent.status, sent.code) == (503, "disk_full")


def test_a_server_that_is_away():
    """Nothing is served, and nothing of the server is told to strangers."""
    with private_postgres() as server:
        migrate(server.url)

        async def stopped(lab):
            headers = await bearer(lab, "viewer")
            server.kill()
            answer = await lab.http.get("/api/v1/me", headers=headers)
            _, sent = await send(lab)
            assert_one_line_each(lab)
            return answer, sent

        answer, sent = on_app(server.url, stopped)

    assert_refusal(answer, "db_unreachable")
    assert (sent.status, sent.code) == (503, "db_unreachable")
    assert str(server.port) not in answer.text
