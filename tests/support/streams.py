"""A client of server-sent events that reads while the application still answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.app import PEER

from sentinel_netlab.controller.asgi import App

PATIENCE_S = 20.0
"""After which a test gives up; nothing that passes waits for it."""


@dataclass(frozen=True)
class Heard:
    """A block of the stream."""

    id: str | None = None
    event: str | None = None
    data: Any = None
    comment: str | None = None


@dataclass
class Listener:
    """
    An open stream.

    Attributes:
        status, headers: of the answer, once it began; complete: it was sent to its end.
        stalled: takes nothing any more.
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    last_id: str | None = None
    complete: bool = False
    stalled: bool = False
    _blocks: asyncio.Queue[Heard | None] = field(default_factory=asyncio.Queue)
    _rest: bytes = b""
    _began: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None
    _body: bytes = b""

    async def next(self) -> Heard | None:
        """The next block, whatever it is; None: the stream ended."""
        async with asyncio.timeout(PATIENCE_S):
            heard = await self._blocks.get()
        if heard is not None and heard.id is not None:
            self.last_id = heard.id
        return heard

    async def event(self) -> Heard | None:
        """The next block that is an event; None: the stream ended."""
        while (heard := await self.next()) is not None:
            if heard.event is not None:
                return heard
        return None

    async def began(self) -> None:
        """Wait for the head of the answer."""
        async with asyncio.timeout(PATIENCE_S):
            await self._began.wait()

    async def over(self) -> None:
        """Wait until the application has done with it."""
        assert self._task is not None
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.wait([self._task])

    @property
    def problem(self) -> Any:
        """The body, if it is no stream."""
        return json.loads(self._body)

    async def send(self, message: Mapping[str, Any]) -> None:
        """Take what the application sends."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            self._began.set()
            return
        if self.stalled:
            await asyncio.Event().wait()
        self._body += message["body"]
        *blocks, self._rest = (self._rest + message["body"]).split(b"\n\n")
        for block in blocks:
            self._blocks.put_nowait(_parse(block.decode()))
        if not message.get("more_body"):
            self.complete = True
            self._blocks.put_nowait(None)


def _parse(block: str) -> Heard:
    lines = dict(line.split(": ", 1) for line in block.split("\n"))
    data = lines.get("data")
    return Heard(
        lines.get("id"), lines.get("event"), data and json.loads(data), lines.get("")
    )


@asynccontextmanager
async def listening(
    app: App, headers: Mapping[str, str], path: str = "/api/v1/events"
) -> AsyncIterator[Listener]:
    """A stream of *path*, of which the hello was heard; left at the end."""
    listener, gone = Listener(), asyncio.Event()
    route, _, query = path.partition("?")
    pairs = {"host": "controller.test", **headers}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1",
        "method": "GET", "scheme": "https", "path": route, "raw_path": route.encode(),
        "query_string": query.encode(), "root_path": "", "client": (PEER, 50_000),
        "headers": [(k.lower().encode(), v.encode()) for k, v in pairs.items()],
    }  # fmt: skip
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Mapping[str, Any]:
        for message in asked:
            return message
        await gone.wait()
        return {"type": "http.disconnect"}

    task = asyncio.create_task(app(scope, receive, listener.send))  # type: ignore[arg-type]
    listener._task = task
    try:
        await listener.began()
        yield listener
    finally:
        gone.set()
        async with asyncio.timeout(PATIENCE_S):
            await task
