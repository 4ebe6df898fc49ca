"""
``GET /api/v1/events``: what changes, as it happens (server-sent events).

A client that comes again with ``Last-Event-ID`` gets what it missed, from any replica;
if that is not kept any more, an event ``reset`` says so: its lists are to be loaded
anew.  A stream ends when the process drains or is not ready, when its token opens
nothing any more, and after `MAX_AGE_S`: the client comes again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from litestar import Controller, Request, Response, get
from litestar.params import HeaderParameter, QueryParameter
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from sentinel_netlab.controller.api.filters import READ
from sentinel_netlab.controller.api.paging import known_parameters
from sentinel_netlab.controller.auth import Person, person_of, still_may
from sentinel_netlab.controller.lifecycle import Lifecycle
from sentinel_netlab.controller.outbox import Change, Start
from sentinel_netlab.controller.problems import Problem, tell_failure, unavailable
from sentinel_netlab.controller.services import Services, services_of
from sentinel_netlab.store.events import Position

MEDIA_TYPE = "text/event-stream"
RETRY_MS = 1_000
"""How soon a client comes again."""
LOOK_S = 1.0
"""Between looks at whether the stream may go on, the process being the reason."""
DRAIN_S = 2.0
"""What a stream has to end by itself when the process drains."""
CHECK_S = 15.0
"""Between looks at whether the token still opens the stream."""
HEARTBEAT_S = 15.0
SEND_TIMEOUT_S = 30.0
"""A client that takes nothing for so long is gone."""
MAX_AGE_S = 900.0
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}

LastEventId = Annotated[
    str | None,
    HeaderParameter(name="Last-Event-ID", description="`id` of the last event seen."),
]


class EventKind(StrEnum):
    """What an event is about."""

    ALERT = "alert"
    SENSOR = "sensor"
    INCIDENT = "incident"


Kinds = Annotated[
    list[EventKind] | None,
    QueryParameter(max_items=3, description="Any of these; may be repeated."),
]


class EventRoutes(Controller):
    """The stream of changes."""

    path = "/api/v1/events"
    guards = (known_parameters,)
    tags = ("events",)

    @get("/", opt=READ, summary="Follow changes", media_type=MEDIA_TYPE)
    async def follow(
        self,
        request: Request[Any, Any, Any],
        *,
        kind: Kinds = None,
        last_event_id: LastEventId = None,
    ) -> Response[bytes]:
        """
        Changes of alerts, sensors and incidents, as server-sent events.

        Each has `id`, `event` (alert, sensor, incident) and `data`: what happened as
        `change`, and the thing itself, as JSON. Who comes again with `Last-Event-ID`
        gets what they missed; an event `reset` says that this is not kept any more:
        load lists anew. Ids without data keep the place. A stream ends after 15
        minutes, when the process drains or is not ready, or with its token.
        """
        services = services_of(request)
        verdict = services.readiness.verdict
        if not verdict.ready:
            raise unavailable(verdict.code, verdict.title)
        start = await services.outbox.start(_position(last_event_id))
        kinds = frozenset(one.value for one in kind or EventKind)
        stream = EventStream(services, person_of(request), kinds, start)
        return StreamResponse(stream)


def _position(text: str | None) -> Position | None:
    if text is None:
        return None
    try:
        return Position.parse(text)
    except ValueError as error:
        raise Problem(400, "bad_event_id", "Bad Event Id", str(error)) from None


@dataclass(slots=True)
class EventStream:
    """
    One client's stream.

    Attributes:
        kinds: that it wants.
    """

    services: Services
    person: Person
    kinds: frozenset[str]
    start: Start

    async def chunks(self) -> AsyncIterator[bytes]:
        """What is sent, piece by piece, until the stream is to end."""
        clock = asyncio.get_running_loop().time
        outbox = self.services.outbox
        position = self.start.position
        reset = b"event: reset\ndata: {}\n" if self.start.missed else b""
        yield b"retry: %d\n%s%s" % (RETRY_MS, reset, _id(position))
        began = sent = checked = clock()
        while self._serves() and clock() - began < MAX_AGE_S:
            if clock() - checked >= CHECK_S:
                if not await self._may():
                    return
                checked = clock()
            found = await outbox.behind(position, LOOK_S)
            if found:
                position = found[-1].position
            chunk = b"".join(_event(one) for one in found if self._wants(one))
            if not chunk and clock() - sent >= HEARTBEAT_S:
                chunk = b": beat\n%s" % _id(position)
            if chunk:
                sent = clock()
                yield chunk

    def _serves(self) -> bool:
        return self.services.readiness.verdict.ready

    def _wants(self, change: Change) -> bool:
        return change.kind in self.kinds and self.person.sees(change.site_id)

    async def _may(self) -> bool:
        now = self.services.clock()
        return await self.services.outbox.ask(
            lambda c: still_may(c, self.person, "viewer", now)
        )


def _id(position: Position) -> bytes:
    """An event without data: clients remember its id and show nothing."""
    return b"id: %s\n\n" % str(position).encode()


def _event(change: Change) -> bytes:
    name = change.kind.encode()
    position = str(change.position).encode()
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (position, name, change.data)


class StreamResponse(Response[bytes]):
    """An answer that is sent as it comes about."""

    def __init__(self, stream: EventStream) -> None:
        super().__init__(b"", media_type=MEDIA_TYPE, headers=_HEADERS)
        self._stream = stream

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> ASGIResponse:
        """Give what the server calls."""
        return _Sender(self._stream)


class _Sender(ASGIResponse):
    """Sends a stream until it ends or nobody listens any more."""

    _should_set_content_length = False

    def __init__(self, stream: EventStream) -> None:
        super().__init__(media_type=MEDIA_TYPE, headers=_HEADERS)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        stream = self._stream
        with stream.services.outbox.seat(stream.person.name):
            await self.start_response(send)
            works = (
                self._pump(send),
                _gone(receive),
                _drained(stream.services.life),
            )
            error = await _first_of(*works)
        if isinstance(error, Exception) and not isinstance(error, TimeoutError):
            tell_failure(stream.services.log, "Stream Broken", error)

    async def _pump(self, send: Send) -> None:
        async for chunk in self._stream.chunks():
            await _send(send, chunk, more=True)
        await _send(send, b"", more=False)


async def _send(send: Send, body: bytes, *, more: bool) -> None:
    async with asyncio.timeout(SEND_TIMEOUT_S):
        await send({"type": "http.response.body", "body": body, "more_body": more})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _drained(life: Lifecycle) -> None:
    """Streams see by themselves that the process drains, but for who takes nothing."""
    await life.draining.wait()
    await asyncio.sleep(DRAIN_S)


async def _first_of(*works: Coroutine[Any, Any, None]) -> BaseException | None:
    """Do all until one is over; how the first of *works* ended."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    return ends[0]
