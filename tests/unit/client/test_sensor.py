"""The client of sensors, against a transport that answers by itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import httpx
import pytest
from tests.support.signatures import MASTER, NOW_S
from tests.unit.client.test_signer import make_signer

from sentinel_netlab.client import sensor as module
from sentinel_netlab.client.answers import Outcome
from sentinel_netlab.client.sensor import (
    MAX_ANSWER_BYTES,
    SensorClient,
    check_base_url,
)
from sentinel_netlab.core.signing import derive_key

NOW = datetime.fromtimestamp(NOW_S, UTC)
DATE = NOW.strftime("%a, %d %b %Y %H:%M:%S GMT")


def talk(replies, call, signer=None):
    """Do *call* with a client that gets *replies*: answer and requests."""
    seen: list[httpx.Request] = []
    left = list(replies)

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        answer = left.pop(0)
        return answer if isinstance(answer, httpx.Response) else answer()

    async def run():
        transport = httpx.MockTransport(reply)
        async with SensorClient(
            "https://controller.example", signer, transport=transport
        ) as client:
            return await call(client)

    return asyncio.run(run()), seen


def test_batch_is_sent_as_it_is():
    """Bytes, key and encoding."""
    answer, (request,) = talk(
        [httpx.Response(202, json={"status": "queued"})],
        lambda client: client.send_batch("0" * 32, b"packed"),
        make_signer(),
    )

    assert answer.outcome is Outcome.TAKEN
    assert (request.method, request.url.path) == ("POST", "/api/v1/telemetry")
    assert request.content == b"packed"
    assert request.headers["content-encoding"] == "zstd"
    assert request.headers["idempotency-key"] == "0" * 32
    assert "signature" in request.headers


def test_skew_is_mended_once():
    """The second try carries the controller's time; there is no third."""
    skewed = httpx.Response(
        401, json={"code": "timestamp_skew"}, headers={"Date": DATE}
    )
    signer = make_signer(NOW_S + 7_200)
    answer, requests = talk(
        [skewed, skewed, skewed],
        lambda client: client.send_batch("0" * 32, b"packed"),
        signer,
    )

    assert (answer.code, len(requests)) == ("timestamp_skew", 2)
    assert signer.offset_s == -7_200
    assert f"created={NOW_S};" in requests[1].headers["signature-input"]
    assert requests[0].headers["signature"] != requests[1].headers["signature"]


def test_copy_of_a_proxy_is_mended_once():
    """Another nonce says that it is this sensor; the batch is known by its id."""
    replayed = httpx.Response(401, json={"code": "replayed"})
    answer, requests = talk(
        [replayed, httpx.Response(200, json={})],
        lambda client: client.send_batch("0" * 32, b"packed"),
        make_signer(),
    )
    assert (answer.outcome, len(requests)) == (Outcome.TAKEN, 2)
    first, second = (one.headers["signature-input"] for one in requests)
    assert first != second
    keys = {one.headers["idempotency-key"] for one in requests}
    assert keys == {"0" * 32}

    answer, requests = talk(
        [replayed] * 3,
        lambda client: client.send_batch("0" * 32, b"packed"),
        make_signer(),
    )
    assert (answer.code, len(requests)) == ("replayed", 2)


def revoked(signer=None):
    """An answer before which the signer may have been given another key."""

    def reply() -> httpx.Response:
        if signer is not None:
            signer.use(2, derive_key(MASTER, "roof-1", 2))
        return httpx.Response(401, json={"code": "key_revoked"})

    return reply


def test_new_key_that_came_meanwhile_signs_the_request_again():
    """The older one was closed under it; the same is sent under the same id."""
    signer = make_signer()
    answer, requests = talk(
        [revoked(signer), httpx.Response(202, json={})],
        lambda client: client.send_batch("0" * 32, b"packed"),
        signer,
    )

    assert answer.outcome is Outcome.TAKEN
    assert [one.content for one in requests] == [b"packed"] * 2
    assert 'keyid="roof-1.v1"' in requests[0].headers["signature-input"]
    assert 'keyid="roof-1.v2"' in requests[1].headers["signature-input"]


def test_key_that_was_revoked_is_not_tried_twice():
    """There is no other one."""
    answer, requests = talk(
        [revoked()],
        lambda client: client.send_batch("0" * 32, b"packed"),
        make_signer(),
    )

    assert (answer.code, len(requests)) == ("key_revoked", 1)


def test_other_refusals_are_not_repeated():
    """Repeating is the spool's business."""
    answer, requests = talk(
        [httpx.Response(503, headers={"Retry-After": "3"})],
        lambda client: client.heartbeat({"version": "1"}),
        make_signer(),
    )

    assert (answer.outcome, answer.retry_after_s) == (Outcome.LATER, 3.0)
    assert len(requests) == 1


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, stream=httpx.ByteStream(b"x" * (MAX_ANSWER_BYTES + 1))),
        httpx.Response(
            200,
            headers={"Content-Encoding": "gzip"},
            stream=httpx.ByteStream(b"no gzip"),
        ),
    ],
    ids=["endless", "packed"],
)
def test_body_that_is_not_the_controllers_is_not_read(response):
    """A captive portal's: the status is there, and nothing else of it."""
    answer, _ = talk(
        [lambda: response],
        lambda client: client.send_batch("0" * 32, b"packed"),
        make_signer(),
    )

    assert (answer.status, answer.content) == (200, None)


class Drip(httpx.AsyncByteStream):
    """A body that never ends."""

    async def __aiter__(self):
        while True:
            yield b" "
            await asyncio.sleep(0)


def test_answer_that_does_not_end_is_no_answer(monkeypatch):
    """However little comes, the sensor does not wait for ever."""
    monkeypatch.setattr(module, "MAX_EXCHANGE_S", 0.01)

    with pytest.raises(httpx.ReadTimeout, match="did not end"):
        talk(
            [lambda: httpx.Response(200, stream=Drip())],
            lambda client: client.heartbeat({}),
            make_signer(),
        )


def test_redirects_are_not_followed():
    """Signed requests go where they were signed for."""
    answer, requests = talk(
        [httpx.Response(307, headers={"Location": "https://elsewhere.example/"})],
        lambda client: client.put_evidence("a" * 32, b"\n\r\r\n"),
        make_signer(),
    )

    assert answer.outcome is Outcome.BARRED
    assert [one.url.path for one in requests] == [f"/api/v1/alerts/{'a' * 32}/evidence"]


def test_joining_needs_no_key():
    """The code goes in the body, unsigned."""
    answer, (request,) = talk(
        [httpx.Response(200, json={"key": "00"})],
        lambda client: client.join("code", now=NOW),
    )

    assert answer.content == {"key": "00"}
    assert request.content == b'{"code":"code"}'
    assert "signature" not in request.headers


def test_without_key_nothing_else_is_sent():
    """A sensor that has not joined cannot report."""
    with pytest.raises(ValueError, match="has no key"):
        talk([], lambda client: client.heartbeat({}))


@pytest.mark.parametrize(
    "url",
    [
        "https://controller.example",
        "https://controller.example:8443/",
        "http://127.0.0.1:8000",
        "http://localhost:8000",
        "http://[::1]:8000",
    ],
)
def test_safe_urls(url):
    """TLS, or this machine."""
    assert check_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://controller.example",
        "http://192.0.2.1",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "ftp://controller.example",
        "controller.example",
        "https://controller.example/path",
        "https://user:password@controller.example",
        "",
    ],
)
def test_unsafe_urls(url):
    """In the clear over a network, or not a base at all."""
    with pytest.raises(ValueError, match=r"URL|http"):
        check_base_url(url)
