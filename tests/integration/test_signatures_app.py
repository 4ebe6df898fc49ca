"""Requests that no sensor signed so, and requests that were heard before."""

from __future__ import annotations

import random
from collections import Counter
from urllib.parse import unquote

import pytest
from tests.support.app import Lab, on_app
from tests.support.asgi import Exchange, exchange, http_scope, parts_of
from tests.support.batches import NOW, SENSOR, batch, observation, rows
from tests.support.databases import migrated_database
from tests.support.environments import HMAC_SECRET
from tests.support.evidence import evidence
from tests.support.signatures import Signed, altered, make_signed

from sentinel_netlab.core.wire import encode_batch
from sentinel_netlab.store.tables import ingest_jobs, sensor_nonces

SEED = 9422
NO_LIMITS = {
    "address_rate_per_s": 1e9,
    "address_burst": 1 << 40,
    "credential_burst": 1 << 40,
}
SIGNATURES = {"signature_missing", "signature_malformed", "signature_invalid"}


def good(number: int) -> Signed:
    """A request that is accepted."""
    content = batch(number, observations=[observation(number)])
    return make_signed(
        master=HMAC_SECRET.encode(),
        target="/api/v1/telemetry",
        body=encode_batch(content),
        sensor_id=SENSOR,
        created=round(NOW.timestamp()),
        nonce=f"n{number}",
        idempotency_key=content.batch_id,
    )


async def hand_over(lab: Lab, request: Signed) -> Exchange:
    """Hand the request to the application, as a server would."""
    path = unquote(request.path.decode("latin-1"))
    scope = http_scope(request.method, path, request.headers, query=request.query)
    scope["raw_path"] = request.path
    return await exchange(lab.app, scope, parts_of(request.body))


async def effects(lab: Lab) -> tuple[list[dict], list[dict]]:
    """Everything that requests of sensors leave."""
    async with lab.engine.connect() as c:
        jobs = await rows(c, ingest_jobs, "batch_id")
        return jobs, await rows(c, sensor_nonces, "nonce")


def attack(url: str, count: int) -> tuple[Counter[str], tuple, int]:
    """The answers to *count* altered requests, what they left, and a good one's."""

    async def run(lab: Lab):
        rng, answers = random.Random(SEED), Counter[str]()
        for number in range(count):
            done = await hand_over(lab, altered(good(number), rng))
            answers[f"{done.status} {done.problem.get('code', '')}"] += 1
        left = await effects(lab)
        return answers, left, (await hand_over(lab, good(count))).status

    return on_app(url, run, **NO_LIMITS)


def judge(answers: Counter[str], left: tuple, last: int) -> None:
    """Nothing was accepted, nothing failed, nothing was left."""
    assert not [answer for answer in answers if answer[0] != "4"]
    assert left == ([], [])
    assert {f"401 {code}" for code in SIGNATURES} <= answers.keys()
    assert last == 202


def test_altered_requests_have_no_effect(migrated_url):
    """Each differs from a good one in a few octets."""
    judge(*attack(migrated_url, 300))


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_100_000_altered_requests_have_no_effect(tmp_path):
    """The number that is promised; writes docs/evidence/signatures-app.json."""
    with (
        evidence("signatures-app", SEED) as counts,
        migrated_database("postgresql16", tmp_path) as url,
    ):
        answers, left, last = attack(url, 100_000)
        counts["mutated"] = answers.total()
        counts["accepted"] = sum(answers[a] for a in answers if a[0] == "2")
        counts["rows_left"] = sum(map(len, left))
        counts["answers"] = dict(sorted(answers.items()))
        judge(answers, left, last)


@pytest.mark.parametrize("later_s", [0, 1, 300, 301, 599, 601, 1_300])
def test_replays_have_no_effect(migrated_url, later_s):
    """Every recorded request, sent again in and after its window."""
    recorded = [good(number) for number in range(20)]

    async def run(lab: Lab):
        first = [(await hand_over(lab, request)).status for request in recorded]
        before = await effects(lab)
        lab.clock.advance(later_s)
        again = [await hand_over(lab, request) for request in recorded]
        return first, before, again, await effects(lab)

    first, before, again, after = on_app(migrated_url, run, **NO_LIMITS)
    code = "replayed" if later_s <= 300 else "timestamp_skew"
    assert first == [202] * 20
    assert {(done.status, done.problem["code"]) for done in again} == {(401, code)}
    assert after == before
