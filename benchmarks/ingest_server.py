"""
What `benchmarks.ingest` asks: the controller, or a handler that only keeps the body.

``python -m benchmarks.ingest_server MODE PORT`` with the settings of a controller;
MODE is ``controller``, ``core`` (SQLAlchemy, as the controller) or ``driver`` (psycopg
alone, one connection for each request that is under way).
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from datetime import UTC, datetime

import psycopg
import sqlalchemy as sa

from sentinel_netlab.controller.asgi import App, Receive, Scope, Send
from sentinel_netlab.controller.lifecycle import Lifecycle
from sentinel_netlab.controller.logs import make_logger
from sentinel_netlab.controller.process import POOL_SIZE, run_controller
from sentinel_netlab.controller.server import Listener, serve
from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.controller.wiring import Clocks
from sentinel_netlab.settings import load
from sentinel_netlab.store.engine import make_engine

INSERT = "INSERT INTO bench_bodies (body) VALUES (%s)"


def now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def core(url: str) -> App:
    """Reads the body and commits one row by the controller's engine."""
    engine = make_engine(url, pool_size=POOL_SIZE)
    insert = sa.table("bench_bodies", sa.column("body", sa.LargeBinary)).insert()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            body = await read(receive)
            async with engine.begin() as c:
                await c.execute(insert, {"body": body})
            await answer(send)

    return app


def driver(url: str) -> App:
    """Reads the body and commits one row by the driver alone."""
    free: list[psycopg.AsyncConnection] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            body = await read(receive)
            c = free.pop() if free else await psycopg.AsyncConnection.connect(url)
            await c.execute(INSERT, (body,))
            await c.commit()
            free.append(c)
            await answer(send)

    return app


async def read(receive: Receive) -> bytes:
    """The body."""
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def answer(send: Send) -> None:
    """202 and a word."""
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


def main() -> None:
    """Serve until SIGTERM."""
    mode, port = sys.argv[1], int(sys.argv[2])
    settings = load(ControllerSettings, os.environ).model_copy(update={"port": port})
    log = make_logger("info", now, open(os.devnull, "wb"))  # noqa: PTH123, SIM115
    if mode == "controller":
        clocks = Clocks(now, time.monotonic)
        asyncio.run(run_controller(settings, log, clocks, lambda: None))
        return
    url = settings.database_url.get_secret_value()
    app = {"core": core, "driver": driver}[mode](url)
    listener = Listener(app, "127.0.0.1", port)
    asyncio.run(
        serve([listener], Lifecycle(), log, drain_delay_s=0, on_signal=lambda: None)
    )


if __name__ == "__main__":
    main()
