"""``/api/v1/me``."""

from __future__ import annotations

from tests.support.app import on_app
from tests.support.people import bearer


def test_unknown_parameters_are_refused(migrated_url):
    """As everywhere."""

    async def ask(lab):
        headers = await bearer(lab, "viewer")
        return await lab.http.get("/api/v1/me?token=x", headers=headers)

    answer = on_app(migrated_url, ask)

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")
