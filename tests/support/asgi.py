"""Requests as a server hands them to the application, to the byte."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sentinel_netlab.controller.asgi import App, Message, Scope

GONE = {"type": "http.disconnect"}
Lines = Iterable[tuple[bytes, bytes]]


def http_scope(
    method: str = "GET",
    path: str = "/",
    headers: Lines = (),
    *,
    peer: str | None = "192.0.2.7",
    scheme: str = "https",
    query: bytes = b"",
) -> Scope:
    """The scope of an HTTP request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in headers],
        "client": None if peer is None else (peer, 50_000),
        "server": ("192.0.2.1", 443),
    }


def websocket_scope(path: str = "/ws", headers: Lines = (), **options: Any) -> Scope:
    """The scope of a web socket that wants to be opened."""
    scope = http_scope("GET", path, headers, **({"scheme": "wss"} | options))
    del scope["method"]
    return scope | {"type": "websocket", "subprotocols": []}


@dataclass
class Exchange:
    """
    What was sent, and how much of the request was asked for.

    Attributes:
        incoming: messages that the application gets, then a disconnect.
        sent: messages of the application.
        received: messages that it took.
    """

    incoming: list[Message] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    received: int = 0

    async def receive(self) -> Message:
        self.received += 1
        return self.incoming.pop(0) if self.incoming else dict(GONE)

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def headers(self) -> dict[str, str]:
        lines = self.sent[0].get("headers", ())
        return {name.decode().lower(): value.decode() for name, value in lines}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def problem(self) -> dict[str, Any]:
        """The body, if it is a problem; nothing otherwise."""
        is_one = self.headers.get("content-type") == "application/problem+json"
        return json.loads(self.body) if is_one else {}


def parts_of(*parts: bytes) -> list[Message]:
    """A body in parts."""
    last = len(parts) - 1
    return [
        {"type": "http.request", "body": part, "more_body": number < last}
        for number, part in enumerate(parts)
    ]


async def exchange(
    app: App, scope: Scope, incoming: Iterable[Message] = ()
) -> Exchange:
    """Hand a request to *app*."""
    done = Exchange(list(incoming))
    await app(scope, done.receive, done.send)
    return done
