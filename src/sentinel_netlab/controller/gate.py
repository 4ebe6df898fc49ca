"""
What a request passes before any route sees it.

The client is resolved once (R10), plain HTTP is refused (R8), nothing is served while
the process is not ready (G2), and head and body are bounded in bytes and time (I7).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sentinel_netlab.controller import proxy
from sentinel_netlab.controller.asgi import (
    HEALTH_PATHS,
    App,
    Message,
    Receive,
    Scope,
    Send,
    state_of,
)
from sentinel_netlab.controller.metrics import Metrics
from sentinel_netlab.controller.problems import Problem, send_problem, unavailable
from sentinel_netlab.controller.readiness import Readiness

_SECURE = frozenset({"https", "wss"})
_POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1
_TRY_AGAIN_LATER = 1013  # IANA WebSocket close code registry


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What one request may take.

    Attributes:
        head_bytes: names and values of all header lines.
        body_bytes: of any route; a route may be stricter.
        json_bytes: of the routes whose body the framework reads.
        first_s: seconds for a body, to which each `bytes_per_s` add one.
        total_s: seconds for any body.
        bytes_per_s: the slowest sender that is heard to the end.
    """

    head_bytes: int = 32 * 1024
    body_bytes: int = 16 * 1024 * 1024
    json_bytes: int = 256 * 1024
    first_s: float = 10.0
    total_s: float = 30.0
    bytes_per_s: float = 8 * 1024


class ClientResolver:
    """Puts the `proxy.Client` of the request into `scope["state"]["client"]`."""

    def __init__(
        self, app: App, trusted: proxy.TrustedProxies, metrics: Metrics
    ) -> None:
        self._app = app
        self._trusted = trusted
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Resolve, then pass on."""
        if scope["type"] != "lifespan":
            peer = scope.get("client")
            client = proxy.resolve(
                peer[0] if peer else None,
                scope["headers"],
                self._trusted,
                transport_scheme=scope.get("scheme", "http"),
            )
            state_of(scope)["client"] = client
            if client.malformed:
                self._metrics.proxy_malformed.inc()
        await self._app(scope, receive, send)


class TlsGate:
    """Refuses what did not come by TLS, before authentication and without the body."""

    def __init__(self, app: App, *, required: bool) -> None:
        self._app = app
        self._required = required

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or 403; a web socket is closed before it is accepted."""
        if not self._required or scope["type"] == "lifespan" or _exempt(scope):
            allowed = True
        else:
            allowed = state_of(scope)["client"].scheme in _SECURE
        if allowed:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            refusal = Problem(403, "insecure_transport", "Insecure Transport")
            await send_problem(refusal, scope, send)


class ReadinessGate:
    """Refuses all but the health paths while the process is not ready: a flag read."""

    def __init__(self, app: App, readiness: Readiness) -> None:
        self._app = app
        self._readiness = readiness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or 503 with Retry-After."""
        if scope["type"] == "lifespan" or _exempt(scope):
            await self._app(scope, receive, send)
            return
        verdict = self._readiness.verdict
        if verdict.serves:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _TRY_AGAIN_LATER})
        else:
            await send_problem(unavailable(verdict.code, verdict.title), scope, send)


class RequestLimits:
    """Bounds heads (431) and bodies (413, 408); the body only once a route reads it."""

    def __init__(self, app: App, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with a guarded `receive`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = sum(len(name) + len(value) for name, value in scope["headers"])
        if head > self._limits.head_bytes:
            await send_problem(Problem(431, "headers_too_large"), scope, send)
            return
        guarded = GuardedReceive(scope, receive, self._limits)
        await self._app(scope, guarded, send)


class HeadOfHealth:
    """Answers HEAD on the health paths as GET, without the body."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, as GET where it is one of them."""
        if not _exempt(scope) or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        asked = {**scope, "method": "GET"}
        await self._app(asked, receive, without_body)
        scope["path_template"] = asked.get("path_template")  # for the metrics


class GuardedReceive:
    """
    A `receive` that gives up on bodies that are too long or too slow.

    Raises `Problem` out of the call, also where the sender goes away in the middle.
    After the end of the body it is the plain one, so that waiting for a disconnect has
    no deadline.
    """

    def __init__(self, scope: Scope, receive: Receive, limits: Limits) -> None:
        self._scope = scope
        self._receive = receive
        self._limits = limits
        self._received = 0
        self._began: float | None = None
        self._ended = False

    async def __call__(self) -> Message:
        """Give the next message, in time."""
        if self._ended:
            return await self._receive()
        if self._began is None:
            self._began = asyncio.get_running_loop().time()
            self._check(_declared(self._scope))
        try:
            async with asyncio.timeout_at(self._deadline(self._began)):
                message = await self._receive()
        except TimeoutError:
            raise Problem(408, "body_timeout", "Request Timeout") from None
        if message["type"] != "http.request" and _has_body(self._scope):
            raise Problem(400, "body_incomplete", "Body Incomplete")
        self._received += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        self._check(self._received)
        return message

    def _deadline(self, began: float) -> float:
        limits = self._limits
        earned_s = limits.first_s + self._received / limits.bytes_per_s
        return began + min(limits.total_s, earned_s)

    def _check(self, length: int) -> None:
        if length > self._limits.body_bytes:
            raise Problem(413, "content_too_large")


def _exempt(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["path"] in HEALTH_PATHS


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and len(value) < 20:
            return int(value)
    return 0


def _has_body(scope: Scope) -> bool:
    """Whether the request announced a body, of a length or in chunks."""
    return _declared(scope) > 0 or any(
        name == b"transfer-encoding" for name, _ in scope["headers"]
    )
