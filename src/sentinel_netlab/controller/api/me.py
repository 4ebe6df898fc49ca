"""
``/api/v1/me``: whom the controller takes the bearer of a token for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import Controller, Request, get

from sentinel_netlab.controller.api.filters import READ
from sentinel_netlab.controller.api.paging import known_parameters
from sentinel_netlab.controller.auth import person_of


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """
    Who asks.

    Attributes:
        name: as the audit log has it.
        role: viewer, analyst or admin.
        site_id: the only site they see; null: all.
        token_id: of the token that was shown.
    """

    name: str
    role: str
    site_id: str | None
    token_id: str
    expires_at: datetime


class MeRoutes(Controller):
    """Who asks."""

    path = "/api/v1/me"
    guards = (known_parameters,)
    tags = ("people",)

    @get("/", opt=READ, sync_to_thread=False, summary="Show who asks")
    def show_me(self, request: Request[Any, Any, Any]) -> Me:
        """Name, role, site and end of the token that was shown."""
        person = person_of(request)
        return Me(**{name: getattr(person, name) for name in Me.__struct_fields__})
