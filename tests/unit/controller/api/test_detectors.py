"""The catalogue of detectors, as the server knows it."""

from __future__ import annotations

import pytest
from tests.support.app import on_app
from tests.support.people import bearer

from sentinel_netlab.controller.api.detectors import DetectorRoutes, catalogue
from sentinel_netlab.correlate.system import KINDS
from sentinel_netlab.detect import BUILTIN


def _answers(url, *paths):
    async def ask(lab):
        headers = await bearer(lab, "viewer")
        found = [
            await lab.http.get(f"/api/v1/detectors{path}", headers=headers)
            for path in paths
        ]
        return [(one.status_code, one.json()) for one in found]

    return on_app(url, ask, routes=(DetectorRoutes,))


def test_every_detector_is_in_the_catalogue():
    """Those of sensors and the server's own."""
    codes = {detector.code for detector in catalogue()}

    assert codes == {detector.code for detector in BUILTIN} | set(KINDS)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_catalogue_is_answered(migrated_url):
    """As one page, by code; a detector by its code in any case."""
    (_, page), (status, one), (_, none), (bad, _) = _answers(
        migrated_url, "", "/wd101", "/WD999", "/deauth"
    )

    codes = [item["code"] for item in page["items"]]
    assert (codes, page["next"]) == (sorted(codes), None)
    assert (status, one["code"], one["slug"]) == (200, "WD101", "deauth_flood")
    assert one["sections"]["Blind spots"]
    assert {parameter["unit"] for parameter in one["parameters"]}
    assert (none["code"], bad) == ("not_found", 400)
