"""
The outermost ring: a request id, one line in the log, the metrics, the last resort.
"""

from __future__ import annotations

import secrets
import time

from structlog.typing import FilteringBoundLogger

from sentinel_netlab.controller.asgi import (
    App,
    Message,
    Receive,
    Scope,
    Send,
    state_of,
)
from sentinel_netlab.controller.lifecycle import Lifecycle
from sentinel_netlab.controller.metrics import Metrics
from sentinel_netlab.controller.problems import (
    Problem,
    from_database,
    send_problem,
    tell_failure,
)

CLIENT_GONE = 499  # nginx's number for "closed before the answer"
_MAX_PATH_CHARS = 2_048


class AccessLog:
    """Writes `Access Log` with who, what, how long and with which end."""

    def __init__(
        self, app: App, log: FilteringBoundLogger, metrics: Metrics, life: Lifecycle
    ) -> None:
        self._app = app
        self._log = log
        self._metrics = metrics
        self._life = life

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and tell what became of it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        state_of(scope)["request_id"] = secrets.token_hex(8)
        answer = _Answer(scope, send)
        self._life.enter()
        try:
            await self._run(scope, receive, answer)
        finally:
            self._life.leave()
            self._tell(scope, answer, time.perf_counter() - began)

    async def _run(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        try:
            await self._app(scope, receive, answer)
        except Exception as error:
            request_id = state_of(scope)["request_id"]
            tell_failure(self._log, "Request Failed", error, request_id=request_id)
            if answer.status or scope["type"] != "http":
                raise  # the server breaks the connection: a half answer looks like one
            problem = error if isinstance(error, Problem) else from_database(error)
            await send_problem(problem or Problem(500, "internal_error"), scope, answer)

    def _tell(self, scope: Scope, answer: _Answer, took_s: float) -> None:
        state = state_of(scope)
        client = state.get("client")
        method = scope.get("method", "WEBSOCKET")
        status = answer.status or CLIENT_GONE
        self._metrics.request(
            method, scope.get("path_template") or None, status, took_s
        )
        peer = scope.get("client")
        self._log.info(
            "Access Log",
            ip=client.address if client else None,
            peer=peer[0] if peer else None,
            trusted=bool(client and client.peer_trusted),
            malformed=bool(client and client.malformed),
            method=method,
            path=_path(scope),
            status=status,
            duration_ms=round(took_s * 1e3, 3),
            request_id=state["request_id"],
        )


class _Answer:
    """Sends on, keeps the status, adds the request id."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.status = 0
        self._id = state_of(scope)["request_id"].encode()
        self._send = send

    async def __call__(self, message: Message) -> None:
        kind = message["type"]
        if kind in {"http.response.start", "websocket.http.response.start"}:
            self.status = message["status"]
            headers = [*message.get("headers", ()), (b"x-request-id", self._id)]
            message = {**message, "headers": headers}
        elif kind == "websocket.accept":
            self.status = 101
        elif kind == "websocket.close" and not self.status:
            self.status = 403  # what a server answers to a close before accept
        await self._send(message)


def _path(scope: Scope) -> str:
    """The path as it was sent, without the query, which may hold what is secret."""
    raw = scope.get("raw_path")
    text = scope["path"] if raw is None else raw.decode("latin-1")
    return str(text.split("?")[0][:_MAX_PATH_CHARS])
