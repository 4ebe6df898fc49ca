"""
The words of ASGI 3, as the types of plain middlewares.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEALTH_PATHS = frozenset({"/healthz", "/readyz", "/api/v1/health"})
"""What is answered without TLS, and while not ready: exactly these paths."""


def state_of(scope: Scope) -> dict[str, Any]:
    """The state of a request, shared by middlewares and handlers."""
    state: dict[str, Any] = scope.setdefault("state", {})
    return state
