"""The API answers what its document says, whatever it is asked."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi import checks
from tests.support.app import BASE, Lab
from tests.support.batches import SENSOR, SITE
from tests.support.databases import KINDS, migrated_database
from tests.support.evidence import evidence
from tests.support.lists import (
    MANY,
    alert_row,
    incident_row,
    put_alerts,
    put_incidents,
    put_other_site,
)
from tests.support.loops import LoopedLab, looped
from tests.support.people import bearer

from sentinel_netlab.controller.app import make_router
from sentinel_netlab.controller.document import ROLE, describe
from sentinel_netlab.controller.routes import ROUTES

SEED = 20260301
PER_OPERATION = 60
"""Requests of each kind, in the long run."""
DOCUMENT = json.loads(json.dumps(describe(make_router(None, ROUTES))))
for item in DOCUMENT["paths"].values():  # who asks is the test's business
    for operation in item.values():
        del operation["security"]
ENDLESS = {
    ("GET", "/api/v1/events")
}  # answers to a good token for as long as it is open
KNOWN = {
    "alert_id": [alert_row("a")["id"], alert_row("b")["id"]],
    "incident_id": [incident_row("9")["id"]],
    "sensor_id": [SENSOR],
    "site_id": [SITE],
    "site": [SITE],
    "code": ["WD101"],
    "bssid": ["02:00:00:00:00:01"],
}
"""What stands in paths now and then, so that more is reached than 404."""
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


async def fill(lab: Lab) -> dict[str, str]:
    """Something to find; the headers of an administrator."""
    async with lab.engine.begin() as c:
        await put_other_site(c)
        await put_incidents(c, incident_row("9"))
        await put_alerts(c, alert_row("a"), alert_row("b", incident_id="9".zfill(32)))
    return await bearer(lab, "admin")


def ask(lab: LoopedLab, headers: dict[str, str], count: int) -> Counter[str]:
    """*count* requests of each kind to each operation; answers by status."""
    found: Counter[str] = Counter()
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    for result in schema.get_all_operations():
        operation = result.ok()
        key = (operation.method.upper(), operation.path)
        if key in ENDLESS and headers:
            continue
        for mode in MODES:
            if mode is GenerationMode.NEGATIVE and not takes(*key):
                continue
            case = operation.as_strategy(generation_mode=mode)
            found += ask_one(lab, headers, case, count)
    return found


def takes(method: str, path: str) -> bool:
    """Whether an operation has something that can be wrong."""
    operation = DOCUMENT["paths"][path][method.lower()]
    return bool(operation.get("parameters") or operation.get("requestBody"))


def ask_one(
    lab: LoopedLab, headers: dict[str, str], cases: Any, count: int
) -> Counter[str]:
    found: Counter[str] = Counter()

    @seed(SEED)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases, st.booleans())
    def run(case: schemathesis.Case, known: bool) -> None:
        if known and case.meta.generation.mode is GenerationMode.POSITIVE:
            for name in case.path_parameters or ():
                case.path_parameters[name] = KNOWN.get(name, ["x"])[0]
        answer = case.call(base_url=BASE, session=lab.session, headers=headers)
        found[str(answer.status_code)] += 1
        assert answer.status_code < 500, case.as_curl_command()
        whole = headers and was_sent(case, answer.request.url)
        case.validate_response(answer, checks=CHECKS if whole else CHECKS[:-1])
        if not headers:
            must_be_refused(case, answer.status_code)

    with suppress(Unsatisfiable):  # nothing of it can be wrong
        run()
    return found


def was_sent(case: schemathesis.Case, url: str) -> bool:
    """Whether the query that was drawn is in *url*; an empty list of values is not."""
    sent = {name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    return set(case.query or ()) <= sent


def must_be_refused(case: schemathesis.Case, status: int) -> None:
    """Without a token, only what is public answers anything else."""
    path, method = case.operation.path, case.operation.method
    role = DOCUMENT["paths"][path][method.lower()][ROLE]
    assert status == 401 or role == "public"


def explore(url: str, count: int) -> dict[str, Counter[str]]:
    """Answers by status, to an administrator and to nobody."""
    load_all_checks()
    with looped(url, **MANY) as lab:
        headers = lab.run(fill)
        return {
            "admin": ask(lab, headers, count),
            "nobody": ask(lab, {}, max(1, count // 5)),
        }


@pytest.mark.parametrize("kind", ["sqlite", "postgresql18"])
def test_answers_are_what_the_document_says(kind, tmp_path):
    """No 5xx; every answer has the shape that is told of its status."""
    with migrated_database(kind, tmp_path) as url:
        found = explore(url, 2)

    assert found["admin"]["200"] > 20
    assert set(found["nobody"]) >= {"401", "200"}


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_answers_of_many_requests_are_what_the_document_says(tmp_path):
    """On each database; how many answers of which status is written down."""
    with evidence("schemathesis", SEED) as counts:
        counts["requests of each kind to each operation"] = PER_OPERATION
        counts["operations"] = sum(len(item) for item in DOCUMENT["paths"].values())
        for kind in KINDS:
            with migrated_database(kind, tmp_path) as url:
                found = explore(url, PER_OPERATION)
            counts[kind] = {who: dict(sorted(n.items())) for who, n in found.items()}
