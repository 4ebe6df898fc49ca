"""Every route says who may, lets nobody else in, and fails in the one shape."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import msgspec
import pytest
from litestar.routes import HTTPRoute
from tests.support.app import Lab, running
from tests.support.batches import SITE
from tests.support.databases import migrated_database
from tests.support.people import bearer, header

from sentinel_netlab.controller.app import make_router
from sentinel_netlab.controller.asgi import HEALTH_PATHS
from sentinel_netlab.controller.auth.guard import knows_sites, needed_role
from sentinel_netlab.controller.problems import MEDIA_TYPE, ProblemDocument
from sentinel_netlab.controller.routes import ROUTES
from sentinel_netlab.core.roles import ROLES

ROUTER = make_router(None, ROUTES)  # routes are made without asking for anything
HANDLERS: dict[tuple[str, str], Any] = {
    (method, route.path_format): handler
    for route in ROUTER.routes
    if isinstance(route, HTTPRoute)
    for method, (handler, _) in route.route_handler_map.items()
}
ROLE = {key: needed_role(handler) for key, handler in HANDLERS.items()}
PUBLIC = {("GET", path) for path in HEALTH_PATHS}
JOIN = ("POST", "/api/v1/sensors/join")
CLOSED = sorted(key for key, role in ROLE.items() if role != "public")
PEOPLES = [key for key in CLOSED if ROLE[key] in ROLES]
ONE_SITES = [key for key in PEOPLES if not knows_sites(HANDLERS[key])]
LOW = [
    (role, *key)
    for role in ROLES
    for key in PEOPLES
    if ROLES.index(role) < ROLES.index(ROLE[key])
]
WRONG = {
    "nobody": {},
    "basic": {"Authorization": "Basic YTpi"},
    "no token": header("admin-token-dev"),
    "empty": header(""),
}
ASKED = [
    *((who, *key) for who in WRONG for key in CLOSED),
    *LOW,
    *(("one site", *key) for key in ONE_SITES),
]
FRAMES = [
    ("GET", "/api/v1/nowhere", 404),
    ("GET", "/", 404),
    ("GET", "/schema/nowhere.json", 404),
    ("GET", "/schema/nowhere", 404),
    ("DELETE", "/healthz", 405),
    ("PATCH", "/api/v1/telemetry", 405),
    ("BREW", "/api/v1/me", 405),
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict[tuple[str, str, str], httpx.Response]:
    """What is answered to all of `ASKED` and `FRAMES`."""
    with migrated_database("sqlite", tmp_path_factory.mktemp("routes")) as url:

        async def run() -> dict[tuple[str, str, str], httpx.Response]:
            async with running(url, routes=ROUTES) as lab:
                return await ask_all(lab)

        return asyncio.run(run())


async def ask_all(lab: Lab) -> dict[tuple[str, str, str], httpx.Response]:
    shown = WRONG | {role: await bearer(lab, role) for role in ROLES}
    shown["one site"] = await bearer(lab, "admin", SITE)
    found = {}
    for who, method, path in ASKED + [("admin", *case[:2]) for case in FRAMES]:
        lab.clock.advance(100)  # no limit is meant here
        url = re.sub(r"\{[^}]*\}", "1", path)
        answer = await lab.http.request(method, url, headers=shown[who])
        found[who, method, path] = answer
    return found


def problem_of(answer: httpx.Response) -> ProblemDocument:
    """The document that *answer* is; there is no other shape of one."""
    assert answer.headers["content-type"] == MEDIA_TYPE
    found = msgspec.json.decode(answer.content, type=ProblemDocument, strict=True)
    assert set(answer.json()) - {"detail"} == {
        "type", "title", "status", "code", "request_id",
    }  # fmt: skip
    assert found.status == answer.status_code
    assert re.fullmatch(r"[a-z][a-z0-9_]*", found.code)
    assert found.request_id == answer.headers["x-request-id"]
    return found


def test_all_routes_are_plain_http():
    """What is no HTTP route would need a walk of its own."""
    assert all(isinstance(route, HTTPRoute) for route in ROUTER.routes)


@pytest.mark.parametrize("key", sorted(HANDLERS), ids=" ".join)
def test_every_route_names_a_role(key):
    """A role of people, a sensor's signature, or nobody's."""
    assert ROLE[key] in {*ROLES, "sensor", "public"}


def test_public_routes_are_four():
    """Three health paths, and where a sensor joins; their OPTIONS say what they are."""
    found = {key for key, role in ROLE.items() if role == "public"}

    assert {key for key in found if key[0] != "OPTIONS"} == {*PUBLIC, JOIN}
    assert {path for _, path in found} == {*HEALTH_PATHS, JOIN[1]}


@pytest.mark.parametrize("key", CLOSED, ids=" ".join)
@pytest.mark.parametrize("who", WRONG)
def test_without_a_token_nobody_gets_in(who, key, answers):
    """401, before anything else is looked at."""
    answer = answers[who, *key]
    problem = problem_of(answer)

    assert problem.status == 401
    assert ROLE[key] == "sensor" or "www-authenticate" in answer.headers


@pytest.mark.parametrize("key", LOW, ids=" ".join)
def test_a_role_that_is_too_low_is_refused(key, answers):
    """403, whatever else is wrong."""
    problem = problem_of(answers[key])

    assert (problem.status, problem.code) == (403, "forbidden")


@pytest.mark.parametrize("key", ONE_SITES, ids=" ".join)
def test_one_site_opens_no_route_of_all_sites(key, answers):
    """A token of one site gets into routes that promise to look at the site."""
    problem = problem_of(answers["one site", *key])

    assert (problem.status, problem.code) == (403, "site_scoped")


@pytest.mark.parametrize(("method", "path", "status"), FRAMES)
def test_what_no_route_answers_has_the_one_shape(method, path, status, answers):
    """No route, no method: problems as all others."""
    assert problem_of(answers["admin", method, path]).status == status
