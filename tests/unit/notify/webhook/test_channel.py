"""Posts to a real socket."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from tests.support.messages import NOW, message, notice

from sentinel_netlab.notify import NotifyError, WebhookChannel
from sentinel_netlab.notify.webhook.signature import signature

SECRET = b"a secret of the receiver"


@asynccontextmanager
async def receiver(status: str):
    """A server on loopback that answers *status*, and the requests that it got."""
    requests: list[tuple[dict[str, str], bytes]] = []

    async def answer(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")[1:-2]
        headers = dict(line.lower().split(": ", 1) for line in lines)
        body = await reader.readexactly(int(headers["content-length"]))
        requests.append((headers, body))
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/hook?token=hidden", requests


def post(status: str, *notices) -> list[tuple[dict[str, str], bytes]]:
    """Requests that the receiver got of one message."""

    async def run():
        async with receiver(status) as (url, requests):
            channel = WebhookChannel(url, SECRET, clock=lambda: NOW)
            try:
                await channel.send(message(*notices))
            finally:
                await channel.close()
            return requests

    return asyncio.run(run())


def test_post_is_signed():
    """A receiver that knows the secret can check time and body."""
    [(headers, body)] = post("204 No Content")
    now_s = int(NOW.timestamp())

    assert headers["sentinel-timestamp"] == str(now_s)
    assert headers["sentinel-signature"] == signature(SECRET, now_s, body)
    assert headers["sentinel-delivery"] == "7"


def test_body_names_what_happened():
    """One notice is an alert."""
    [(_, body)] = post("200 OK")
    told = json.loads(body)

    assert (told["kind"], told["count"], told["severity"]) == ("alert", 1, "high")
    assert told["notices"][0]["alert"]["code"] == "WD101"


def test_several_notices_are_a_digest():
    """In one post."""
    [(_, body)] = post("200 OK", notice(), notice("closed"))

    assert json.loads(body)["kind"] == "digest"


@pytest.mark.parametrize(
    ("status", "permanent"),
    [("422 No", True), ("401 No", False), ("302 No", False), ("500 No", False)],
)
def test_other_answers_are_failures(status, permanent):
    """Only a refusal of the content is for ever."""
    with pytest.raises(NotifyError, match=status[:3]) as caught:
        post(status)

    assert caught.value.permanent is permanent


def test_unreachable_receiver_does_not_show_the_url():
    """The error goes into the database; the URL may hold a token."""

    async def run():
        channel = WebhookChannel(
            "http://127.0.0.1:9/?token=hidden", SECRET, clock=lambda: NOW
        )
        try:
            await channel.send(message())
        finally:
            await channel.close()

    with pytest.raises(NotifyError, match="ConnectError") as caught:
        asyncio.run(run())

    assert "hidden" not in str(caught.value)
