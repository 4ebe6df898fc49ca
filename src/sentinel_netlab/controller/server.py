"""
The process: two listeners on one event loop, and a signal that is ours.

The server is Granian's embedded one: a head must be complete after ten seconds, which
ends idle connections too; TLS is its own; and nothing in it takes our signals.  What it
does not do (bodies, drain, the end of what hangs) is done here and in `gate`.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from structlog.typing import FilteringBoundLogger

from sentinel_netlab.controller.asgi import App
from sentinel_netlab.controller.lifecycle import Lifecycle

HEAD_TIMEOUT_S = 10
MAX_CONNECTIONS = 4096
_BACKLOG = 1024
_SHUTDOWN_S = 24.0  # of the 25 that an end may take
_FINISH_S = 20.0


@dataclass(frozen=True, slots=True)
class Listener:
    """An address with the application behind it."""

    app: App
    host: str
    port: int
    tls_cert: Path | None = None
    tls_key: Path | None = None


async def serve(
    listeners: Sequence[Listener],
    life: Lifecycle,
    log: FilteringBoundLogger,
    *,
    drain_delay_s: float,
    on_signal: Callable[[], None],
) -> int:
    """
    Serve until SIGTERM or SIGINT; then drain, stop, and give the exit status.

    The first listener is the API; the others answer to the end.

    Args:
        on_signal: called when the end begins: to see to it that it comes.

    Returns:
        0 after a signal, 1 if a listener could not be opened or ended by itself.
    """
    taken = [error for listener in listeners if (error := _in_the_way(listener))]
    if taken:
        log.error("Listener Failed", errors=taken)
        return 1
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    servers = [_make_server(listener) for listener in listeners]
    tasks = [asyncio.create_task(server.serve()) for server in servers]
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
    if not stop.is_set():
        stopped.cancel()
        failed = [task.exception() for task in tasks if task.done()]
        log.error("Listener Failed", errors=[str(error) for error in failed])
        return 1
    on_signal()
    await _end(servers, tasks, life, log, drain_delay_s)
    return 0


async def _end(
    servers: list[Server],
    tasks: list[asyncio.Task[None]],
    life: Lifecycle,
    log: FilteringBoundLogger,
    drain_delay_s: float,
) -> None:
    """Readiness off, serve on, accept nothing, finish what runs, within the time."""
    life.draining.set()
    log.info("Draining", delay_s=drain_delay_s, in_flight=life.in_flight)
    drain_delay_s = min(drain_delay_s, _FINISH_S)
    await asyncio.sleep(drain_delay_s)
    life.stopping.set()
    servers[0].stop()  # type: ignore[no-untyped-call]  # the server has no types
    finish_s = min(_FINISH_S, _SHUTDOWN_S - drain_delay_s)
    done = await life.idle(finish_s)
    for server in servers[1:]:
        server.stop()  # type: ignore[no-untyped-call]  # as above
    if done:
        await asyncio.wait(tasks, timeout=0.5)
    log.info("Stopped", in_flight=life.in_flight)


def _in_the_way(listener: Listener) -> str | None:
    """Why its address cannot be had: the server would share it with whoever has it."""
    family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
    try:
        socket.create_server((listener.host, listener.port), family=family).close()
    except OSError as error:
        return f"{listener.host}:{listener.port}: {error.strerror}"
    return None


def _make_server(listener: Listener) -> Server:
    return Server(
        listener.app,
        address=listener.host,
        port=listener.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,  # of HTTP/2 no head has a deadline
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_TIMEOUT_S * 1000),
        backlog=_BACKLOG,
        backpressure=MAX_CONNECTIONS,
        ssl_cert=listener.tls_cert,
        ssl_key=listener.tls_key,
        log_enabled=False,
    )
