"""The OpenAPI document says what is so."""

from __future__ import annotations

import json
import re

import pytest
from tests.support.app import on_app
from tests.support.people import bearer

from sentinel_netlab.controller.app import make_router
from sentinel_netlab.controller.asgi import HEALTH_PATHS
from sentinel_netlab.controller.auth.guard import needed_role
from sentinel_netlab.controller.document import ROLE, describe, operations
from sentinel_netlab.controller.routes import ROUTES

APP = make_router(None, ROUTES)
DOCUMENT = describe(APP)
OPERATIONS = {
    (method, path): DOCUMENT["paths"][path][method.lower()]
    for method, path, _ in operations(APP)
    if not path.startswith("/schema")
}
PROBLEM = "#/components/schemas/ProblemDocument"


@pytest.mark.parametrize("key", OPERATIONS, ids=" ".join)
def test_operation_says_who_may(key):
    """The role of its handler, and what is to be shown."""
    handler = {found[:2]: found[2] for found in operations(APP)}[key]
    operation = OPERATIONS[key]
    schemes = {"public": [], "sensor": [{"signature": []}]}

    assert operation[ROLE] == needed_role(handler)
    assert operation["security"] == schemes.get(operation[ROLE], [{"token": []}])


@pytest.mark.parametrize("key", OPERATIONS, ids=" ".join)
def test_operation_says_how_it_refuses(key):
    """One shape for every status that is no success."""
    answers = OPERATIONS[key]["responses"]
    refusals = {status for status in answers if status[0] not in "23"}
    shapes = [answers[status]["content"] for status in refusals]

    assert refusals or key[1] in HEALTH_PATHS
    assert all(
        one == {"application/problem+json": {"schema": {"$ref": PROBLEM}}}
        for one in shapes
    )


@pytest.mark.parametrize("key", OPERATIONS, ids=" ".join)
def test_operation_has_a_summary_and_words(key):
    """For docs/reference/api.md."""
    assert OPERATIONS[key]["summary"]
    assert OPERATIONS[key]["description"]
    assert OPERATIONS[key]["tags"]


def test_every_reference_leads_somewhere():
    """To a component that is there."""
    names = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DOCUMENT))

    assert set(names) <= set(DOCUMENT["components"]["schemas"])
    assert "AuditOut" in names


def test_constraints_of_bodies_are_told():
    """As they are checked."""
    days = DOCUMENT["components"]["schemas"]["TokenIn"]["properties"]["days"]

    assert days == {"type": "integer", "minimum": 1, "maximum": 366, "default": 90}


@pytest.mark.parametrize("path", ["/schema", "/schema/openapi.json"])
def test_document_is_served_to_viewers(path, migrated_url):
    """OpenAPI 3.1, as described; twice the same."""

    async def ask(lab):
        headers = await bearer(lab, "viewer")
        return [await lab.http.get(path, headers=headers) for _ in range(2)]

    first, second = on_app(migrated_url, ask)

    assert first.status_code == 200
    assert first.headers["content-type"] == "application/vnd.oai.openapi+json"
    assert first.json()["openapi"].startswith("3.1.")
    assert first.json() == json.loads(json.dumps(DOCUMENT))
    assert second.content == first.content
