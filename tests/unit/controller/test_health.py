"""Liveness touches nothing; readiness says one code."""

from __future__ import annotations

import pytest
from tests.support.app import on_app
from tests.support.asgi import exchange, http_scope

from sentinel_netlab.controller.readiness import READY, Finding, Verdict

DRIFT = Finding(Verdict("schema_drift", "Schema Drift"), "head", ("table x is gone",))


async def looks_at_all(lab):
    """Health and readiness, by plain HTTP as a container asks."""
    return [
        await exchange(lab.app, http_scope(path=path, scheme="http"))
        for path in ("/healthz", "/api/v1/health", "/readyz")
    ]


def test_all_is_well():
    """200 and a word."""
    answers = on_app(None, looks_at_all)

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert {answer.body for answer in answers} == {b'{"status":"ok"}'}


def test_drift_ends_readiness_only(stub_of):
    """No restart mends a schema."""
    health, other, ready = on_app(None, looks_at_all, probe=stub_of(DRIFT))

    assert (health.status, other.status, ready.status) == (200, 200, 503)
    assert ready.headers["retry-after"] == "5"


def test_why_is_a_title_and_a_code(stub_of):
    """Neither what is missing nor where."""
    *_, ready = on_app(None, looks_at_all, probe=stub_of(DRIFT))

    problem = ready.problem
    assert problem.pop("request_id")
    assert problem == {
        "type": "about:blank",
        "title": "Schema Drift",
        "status": 503,
        "code": "schema_drift",
    }


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/health"])
def test_liveness_has_no_look_at_anything(path):
    """A probe that would raise is not asked."""

    class Forbidden:
        async def quick(self):
            raise AssertionError

        full = quick

    async def ask(lab):
        lab.services.readiness._probe = Forbidden()
        lab.clock.advance(60)
        return await lab.http.get(path)

    assert on_app(None, ask).status_code == 200


def test_draining():
    """Readiness is off, and everything else goes on."""

    async def ask(lab):
        lab.services.life.draining.set()
        return await looks_at_all(lab)

    health, other, ready = on_app(None, ask)
    assert (health.status, other.status, ready.status) == (200, 200, 503)
    assert ready.problem["code"] == "draining"


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/health", "/readyz"])
@pytest.mark.parametrize("status", [200, 503])
def test_head_is_get_without_the_body(path, status, stub_of):
    """Same status and headers, also of a refusal; the log says what was asked."""

    async def ask(lab):
        return [
            await exchange(lab.app, http_scope(method, path, scheme="http"))
            for method in ("HEAD", "GET")
        ], lab.logs("Access Log")

    finding = Finding(READY, "head") if status == 200 else DRIFT
    (head, get), logged = on_app(None, ask, probe=stub_of(finding))

    assert head.status == get.status
    assert head.status == (status if path == "/readyz" else 200)
    assert get.body
    assert head.body == b""
    same = {**head.headers, "x-request-id": get.headers["x-request-id"]}
    assert same == get.headers
    assert int(head.headers["content-length"]) > 0
    assert [line["method"] for line in logged] == ["HEAD", "GET"]


def test_head_of_others_is_refused_as_before():
    """Nobody reads a list for its headers."""

    async def ask(lab):
        return await lab.http.head("/api/v1/alerts")

    assert on_app(None, ask).status_code == 405
