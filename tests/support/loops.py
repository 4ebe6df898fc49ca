"""
The whole application in a thread with a loop of its own, for callers that wait.
"""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
import requests
from requests.adapters import HTTPAdapter
from tests.support.app import BASE, Lab, running
from urllib3 import HTTPResponse

TICK_S = 20
"""By which the clock moves with each request, so that no limit is reached."""
_T = TypeVar("_T")


class LoopedLab:
    """
    A running application.

    Attributes:
        session: asks it, as any HTTP client that waits does.
    """

    def __init__(self, lab: Lab, loop: asyncio.AbstractEventLoop) -> None:
        self._lab, self._loop = lab, loop
        self.session = requests.Session()
        self.session.mount(BASE, _Adapter(self))

    def run(self, action: Callable[[Lab], Awaitable[_T]]) -> _T:
        """What *action* gives, in the application's loop."""
        future = asyncio.run_coroutine_threadsafe(_call(action, self._lab), self._loop)
        return future.result(60)


async def _call(action: Callable[[Lab], Awaitable[_T]], lab: Lab) -> _T:
    return await action(lab)


@contextmanager
def looped(url: str, **options: Any) -> Iterator[LoopedLab]:
    """The application of `app.running`, in a thread."""
    ready: list[LoopedLab] = []
    begun, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        try:
            async with running(url, **options) as lab:
                ready.append(LoopedLab(lab, asyncio.get_running_loop()))
                begun.set()
                await stop.wait()
        finally:
            begun.set()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        begun.wait()
        yield ready[0]
    finally:
        if ready:
            ready[0]._loop.call_soon_threadsafe(stop.set)
            ready[0].session.close()
        thread.join()


def _raw(answer: httpx.Response) -> HTTPResponse:
    return HTTPResponse(
        io.BytesIO(answer.content),
        headers=answer.headers.multi_items(),
        status=answer.status_code,
        reason=answer.reason_phrase,
        preload_content=False,
    )


class _Adapter(HTTPAdapter):
    """Carries requests to the application."""

    def __init__(self, looped: LoopedLab) -> None:
        super().__init__()
        self._looped = looped

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        async def ask(lab: Lab) -> requests.Response:
            body = request.body or b""
            answer = await lab.http.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                content=body.encode() if isinstance(body, str) else body,
            )
            lab.clock.advance(TICK_S)
            return self.build_response(request, _raw(answer))

        return self._looped.run(ask)
