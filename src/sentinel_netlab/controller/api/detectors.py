"""
``/api/v1/detectors``: what can be found, and what it means.

The server has no detectors: `core/catalogue.json` is made from them by ``make docs``.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import PathParameter

from sentinel_netlab.controller.api.filters import READ, not_found
from sentinel_netlab.controller.api.paging import Page, known_parameters

Code = Annotated[
    str, PathParameter(pattern="^[A-Za-z]{2}[0-9]{3,5}$", description="As `WD101`.")
]


class ParameterOut(msgspec.Struct, frozen=True, kw_only=True):
    """A number that a detector is set by; *least* and *most* are allowed."""

    name: str
    default: float
    unit: str
    meaning: str
    least: float
    most: float


class DetectorOut(msgspec.Struct, frozen=True, kw_only=True):
    """
    A detector.

    Attributes:
        attack: technique of MITRE ATT&CK.
        status: preview or stable.
        raised_by: sensor or server.
        quiet_s: seconds without a frame after which its alert closes.
        keys: what it counts apart.
        sections: its page, text by heading.
    """

    code: str
    slug: str
    title: str
    severity: str
    attack: str | None
    status: str
    raised_by: str
    quiet_s: float | None
    keys: list[str]
    summary: str
    sections: dict[str, str]
    parameters: list[ParameterOut]


class DetectorPage(Page[DetectorOut], frozen=True):
    """All detectors, by code; there is one page."""


class DetectorRoutes(Controller):
    """The catalogue."""

    path = "/api/v1/detectors"
    guards = (known_parameters,)
    tags = ("detectors",)

    @get("/", opt=READ, summary="List detectors", sync_to_thread=False)
    def list_detectors(self) -> DetectorPage:
        """All of them."""
        return DetectorPage(items=list(catalogue()), next=None)

    @get("/{code:str}", opt=READ, summary="Show a detector", sync_to_thread=False)
    def show_detector(self, code: Code) -> DetectorOut:
        """One of them, by its code."""
        for detector in catalogue():
            if detector.code == code.upper():
                return detector
        raise not_found("detector")


@cache
def catalogue() -> tuple[DetectorOut, ...]:
    """What the package holds of all detectors."""
    file = resources.files("sentinel_netlab.core") / "catalogue.json"
    return msgspec.json.decode(file.read_bytes(), type=tuple[DetectorOut, ...])
