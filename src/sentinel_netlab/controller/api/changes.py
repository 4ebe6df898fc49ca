"""
What routes that change sensors and sites have in common.
"""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection

from sentinel_netlab.controller.asgi import state_of
from sentinel_netlab.controller.auth import person_of
from sentinel_netlab.controller.problems import Problem
from sentinel_netlab.store.sensor_changes import Author

Connection = ASGIConnection[Any, Any, Any, Any]
MAX_NAME = 128


def author_of(connection: Connection) -> Author:
    """Who asks for a change, and from where."""
    return Author(person_of(connection).name, address_of(connection))


def address_of(connection: Connection) -> str | None:
    """The address that the resolver found for the client."""
    client = state_of(connection.scope).get("client")  # type: ignore[arg-type]  # a TypedDict
    return None if client is None else client.address


def invalid(detail: str) -> Problem:
    """A value that does not fit; *detail* names the field."""
    return Problem(400, "invalid", "Invalid Request", detail)


def check_text(field: str, text: str, limit: int = MAX_NAME) -> None:
    """
    Hold a name to what is printed on one line.

    Raises:
        Problem: it is empty, too long, or not printable.
    """
    if not text.strip() or len(text) > limit or not text.isprintable():
        raise invalid(f"{field}: 1 to {limit} printable characters")
