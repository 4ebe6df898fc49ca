"""
Requests to the stack byte by byte, and what its controllers log of them.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import secrets
import select
import socket
import ssl
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from backports import zstd
from tests.support.stack import PROJECT, Stack, until
from tests.support.traffic import BASE, signer_of, unchecked

from sentinel_netlab.client.answers import Answer
from sentinel_netlab.client.sensor import SensorClient
from sentinel_netlab.core.times import microseconds
from sentinel_netlab.core.wire import Batch, encode_batch

Headers = Sequence[Sequence[str]]
FRONT = f"{PROJECT}_front"
CONNECT_S = 20.0
_ASK = """
import http.client, json, socket, sys
host, port, asked = json.load(sys.stdin)
answers = []
for target, headers in asked:
    link = http.client.HTTPConnection(host, port, timeout=20)
    link.putrequest("GET", target)
    for name, value in headers:
        link.putheader(name, value)
    link.endheaders()
    answer = link.getresponse()
    answers.append([answer.status, answer.read().decode()])
    link.close()
print(json.dumps([socket.gethostbyname(socket.gethostname()), answers]))
"""


@dataclass(frozen=True)
class RawAnswer:
    """An answer; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """Of the problem document."""
        return str(json.loads(self.body)["code"])


def request_bytes(
    target: str, headers: Headers = (), *, method: str = "GET", body: bytes = b""
) -> bytes:
    """A request of HTTP/1.1; header lines as given, and what they lack."""
    given = {name.lower() for name, _ in headers}
    lines = [f"{method} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers]
    plain = {"host": "wids.example", "connection": "close"}
    if body:
        plain["content-length"] = str(len(body))
    lines += [f"{name}: {value}" for name, value in plain.items() if name not in given]
    return "\r\n".join([*lines, "", ""]).encode() + body


def link_to(host: str, port: int) -> socket.socket:
    """A connection; with TLS, unless the port is 80."""
    link = socket.create_connection((host, port), timeout=CONNECT_S)
    if port == 80:
        return link
    return _context().wrap_socket(link, server_hostname="wids.example")


@cache
def _context() -> ssl.SSLContext:
    """Made once, for reading the authorities takes longer than a connection."""
    context = unchecked()
    context.set_alpn_protocols(["http/1.1"])
    return context


def exchange(host: str, port: int, sent: bytes) -> RawAnswer:
    """
    The answer to *sent*.

    A server that has heard enough may break off while it is still being sent to.
    """
    with link_to(host, port) as link:
        with suppress(BrokenPipeError, ConnectionResetError):
            link.sendall(sent)
        answer = http.client.HTTPResponse(link)
        answer.begin()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return RawAnswer(answer.status, headers, answer.read())


def slow_links(host: str, port: int, sent: bytes, count: int) -> list[socket.socket]:
    """Connections that sent the beginning of a request, and say no more."""
    links = [link_to(host, port) for _ in range(count)]
    for link in links:
        link.sendall(sent)
        link.setblocking(False)
    return links


def ended(links: Iterable[socket.socket], wait_s: float) -> bool:
    """Whether the other side ends them all within *wait_s*; they are closed."""
    left = {link.fileno(): link for link in links}
    poller = select.poll()
    for number in left:
        poller.register(number, select.POLLIN)
    ends = time.monotonic() + wait_s
    while left and time.monotonic() < ends:
        for number, _ in poller.poll(500):
            if _is_over(left[number]):
                poller.unregister(number)
                left.pop(number).close()
    for link in left.values():
        link.close()
    return not left


def _is_over(link: socket.socket) -> bool:
    """Whether nothing more comes; a last answer is read."""
    try:
        while link.recv(65_536):
            pass
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:  # reset, or a TLS stream without its end
        return True
    return True


def from_container(
    stack: Stack, asked: Sequence[tuple[str, Headers]], host: str = "controller"
) -> tuple[str, list[tuple[int, str]]]:
    """
    Ask a controller from another container of its network, without TLS.

    Returns:
        Address of that container; status and body for each target and its headers.
    """
    printed = stack.typed(
        f"docker run --rm -i --network {FRONT} {image_of(stack)} python -c '{_ASK}'"
        f" <<'END'\n{json.dumps([host, 8000, asked])}\nEND"
    ).stdout
    address, answers = json.loads(printed)
    return address, [(status, body) for status, body in answers]


def image_of(stack: Stack) -> str:
    """The image of the controller."""
    return f"localhost/sentinel-netlab:{stack.setting('SENTINEL_VERSION')}"


def unseen_path(name: str = "nothing") -> str:
    """A path that nobody asked for before, to be found in the log."""
    return f"/api/v1/{name}/{secrets.token_hex(6)}"


def logged(stack: Stack, *paths: str) -> dict[str, dict[str, Any]]:
    """The line `Access Log` of a controller for each of *paths*, once it is there."""
    found: dict[str, dict[str, Any]] = {}

    def all_there() -> bool:
        for line in stack.logs("controller").splitlines():
            if '"Access Log"' in line:
                one = json.loads(line[line.index("{") :])
                found[one["path"]] = one
        return found.keys() >= set(paths)

    until(all_there, 30, f"in the log: {paths}")
    return {path: found[path] for path in paths}


def send(stack: Stack, one: Batch) -> Answer:
    """Let the batch's sensor send it, as the agent does."""
    [answer] = stack.place.call(asyncio.run, _send(stack, [one]))
    return answer


def send_many(stack: Stack, sensor_id: str, count: int) -> list[Answer]:
    """As `send`, *count* batches of a sensor, one after the other."""
    now_us = microseconds(datetime.now(UTC))
    batches = [
        Batch(secrets.token_hex(16), sensor_id, secrets.token_hex(8), number, now_us)
        for number in range(count)
    ]
    return stack.place.call(asyncio.run, _send(stack, batches))


async def _send(stack: Stack, batches: Sequence[Batch]) -> list[Answer]:
    signer = signer_of(stack, batches[0].sensor_id)
    async with SensorClient(BASE, signer, verify=unchecked()) as client:
        return [
            await client.send_batch(one.batch_id, zstd.compress(encode_batch(one)))
            for one in batches
        ]
