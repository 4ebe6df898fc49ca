"""A real HTTP server on loopback that passes on to an application, when it feels so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

_HTML = b"<html>Welcome to the hotel</html>"
LOST = ("away", "lost", "cut")
"""No whole answer: before the application was asked, or after."""
BUSY = {
    "busy": (503, b'{"code":"draining"}', {"Retry-After": "0"}),
    "full": (429, b'{"code":"queue_full"}', {"Retry-After": "1"}),
    "bad gateway": (502, _HTML, {"Content-Type": "text/html"}),
}
STRANGERS = {
    "portal": (200, _HTML, {"Content-Type": "text/html"}),
    "redirect": (302, b"", {"Location": "https://portal.invalid/"}),
    "packed": (200, b"\x1f\x8bno gzip", {"Content-Encoding": "gzip"}),
    "wrong way": (404, _HTML, {}),
}
FAULTS = (*LOST, *BUSY, *STRANGERS)


@dataclass
class Faulty:
    """
    The server.

    Attributes:
        faults: what happens to the next requests; then all is well.
        asked: method, path and idempotency key of each request.
        told: status and key of each answer that the application gave.
    """

    http: httpx.AsyncClient
    clock: Any
    faults: list[str] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    told: list[tuple[int, str]] = field(default_factory=list)
    url: str = ""

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One connection, of one request."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._one(reader, writer)
        writer.close()

    async def _one(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode().rstrip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        names = dict(line.split(": ", 1) for line in lines)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        key = headers.get("idempotency-key", "")
        self.asked.append((method, path, key))
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "away":
            return
        if fault in BUSY or fault in STRANGERS:
            status, content, fields = (BUSY | STRANGERS)[fault]
            writer.write(self._answer(status, content, fields))
            return
        answer = await self.http.request(method, path, headers=names, content=body)
        self.told.append((answer.status_code, key))
        whole = self._answer(answer.status_code, answer.content, answer.headers)
        if fault != "lost":
            writer.write(whole[: len(whole) // 2] if fault == "cut" else whole)
            await writer.drain()

    def _answer(self, status: int, body: bytes, fields: Any) -> bytes:
        now: datetime = self.clock.wall()
        lines = {**dict(fields), "Date": now.strftime("%a, %d %b %Y %H:%M:%S GMT")}
        lines |= {"content-length": str(len(body)), "Connection": "close"}
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"HTTP/1.1 {status} x\r\n{text}\r\n".encode() + body


@asynccontextmanager
async def faulty(
    http: httpx.AsyncClient, clock: Any, faults: Iterable[str] = ()
) -> AsyncIterator[Faulty]:
    """The server in front of what *http* reaches, with a list of faults."""
    one = Faulty(http, clock, list(faults))
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    try:
        one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield one
    finally:
        server.close()
        await server.wait_closed()
