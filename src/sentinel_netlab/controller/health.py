"""
`/healthz`, `/api/v1/health`: the process answers.  `/readyz`: it should get traffic.
"""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Request, get

from sentinel_netlab.controller.problems import unavailable
from sentinel_netlab.controller.services import services_of


class Health(msgspec.Struct, frozen=True):
    """Good news."""

    status: str = "ok"


class HealthRoutes(Controller):
    """Public; exempt from the gates."""

    opt = {"role": "public"}  # noqa: RUF012  # the framework's way
    tags = ["health"]  # noqa: RUF012  # the framework's way

    @get(["/healthz", "/api/v1/health"], sync_to_thread=False, summary="Liveness")
    def health(self) -> Health:
        """Answer without touching anything: an outage elsewhere never restarts us."""
        return Health()

    @get("/readyz", summary="Readiness")
    async def ready(self, request: Request[Any, Any, Any]) -> Health:
        """Answer 503 with a code while no traffic should be sent here."""
        verdict = await services_of(request).readiness.probe()
        if not verdict.ready:
            raise unavailable(verdict.code, verdict.title)
        return Health()
