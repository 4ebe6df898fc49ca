"""
Who asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar.connection import ASGIConnection
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.controller.asgi import state_of
from sentinel_netlab.controller.problems import Problem
from sentinel_netlab.core.roles import may
from sentinel_netlab.store.tokens import find_token

_KEY = "person"


@dataclass(frozen=True, slots=True)
class Person:
    """
    Somebody who showed a good token.

    Attributes:
        name: as the audit log and alerts know them.
        role: viewer, analyst or admin.
        site_id: the only site they see; None: all.
        token_id: what they showed.
    """

    name: str
    role: str
    site_id: str | None
    token_id: str
    expires_at: datetime

    def sees(self, site_id: str | None) -> bool:
        """Whether what belongs to *site_id* is theirs to see."""
        return self.site_id is None or self.site_id == site_id


def person_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Person:
    """
    Who asks, in a route that a role of people guards.

    Raises:
        Problem: nobody; the route is public or a sensor's.
    """
    found = state_of(connection.scope).get(_KEY)  # type: ignore[arg-type]  # a TypedDict
    if not isinstance(found, Person):
        raise Problem(401, "unauthenticated", "Authentication Required")
    return found


def remember(connection: ASGIConnection[Any, Any, Any, Any], person: Person) -> None:
    """Put *person* where `person_of` finds them."""
    state_of(connection.scope)[_KEY] = person  # type: ignore[arg-type]  # a TypedDict


async def still_may(
    c: AsyncConnection, person: Person, needed: str, now: datetime
) -> bool:
    """
    Whether *person* would be let in again: for answers that last, as streams.

    A token may be revoked or expire meanwhile.
    """
    token = await find_token(c, person.token_id)
    return token is not None and token.refusal(now) is None and may(token.role, needed)
