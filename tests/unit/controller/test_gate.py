"""What a request passes before any route sees it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.support.asgi import (
    GONE,
    exchange,
    http_scope,
    parts_of,
    websocket_scope,
)

from sentinel_netlab.controller.asgi import HEALTH_PATHS, Message
from sentinel_netlab.controller.gate import (
    ClientResolver,
    GuardedReceive,
    Limits,
    ReadinessGate,
    RequestLimits,
    TlsGate,
)
from sentinel_netlab.controller.metrics import Metrics
from sentinel_netlab.controller.problems import Problem
from sentinel_netlab.controller.proxy import TrustedProxies
from sentinel_netlab.controller.readiness import DRAINING, READY, STARTING, Verdict

LIMITS = Limits(head_bytes=100, body_bytes=10)
LIFESPAN = {"type": "lifespan"}


async def passes(scope, receive, send):
    """An application that takes everything."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"passed"})


class Fixed:
    """A readiness that does not change."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict


def through(gate, scope, *parts: bytes):
    """What became of a request."""
    return asyncio.run(exchange(gate, scope, parts_of(*parts)))


def tls(scope):
    """A request through resolver and TLS gate."""
    gate = TlsGate(passes, required=True)
    return through(ClientResolver(gate, TrustedProxies(), Metrics()), scope)


class TestTls:
    @pytest.mark.parametrize("path", sorted(HEALTH_PATHS))
    def test_health_is_exempt(self, path):
        """These paths are asked by what has no TLS."""
        assert tls(http_scope(path=path, scheme="http")).body == b"passed"

    @pytest.mark.parametrize(
        "path",
        [
            *("/healthz/", "//healthz", "/healthz/x", "/HEALTHZ", "/readyz;x"),
            *("/api/v1/healthz", "/api/v1/health/", "/metrics", "/"),
        ],
    )
    def test_like_health_is_not(self, path):
        """Exactly these paths."""
        done = tls(http_scope(path=path, scheme="http"))

        assert done.problem["code"] == "insecure_transport"

    @pytest.mark.parametrize("path", ["/healthz", "/ws"])
    def test_no_web_socket_is_exempt(self, path):
        """It is closed before it is accepted, and for its policy."""
        done = tls(websocket_scope(path, scheme="ws"))

        assert done.sent == [{"type": "websocket.close", "code": 1008}]

    def test_head_gets_no_body(self):
        """A refusal too."""
        done = tls(http_scope("HEAD", scheme="http"))

        assert (done.status, done.body) == (403, b"")

    def test_lifespan_passes(self):
        """It is no request."""
        assert tls(dict(LIFESPAN)).body == b"passed"


def test_malformed_forwarding_is_counted():
    """By a trusted proxy only: others say what they like."""
    metrics = Metrics()
    gate = ClientResolver(passes, TrustedProxies.parse("192.0.2.7"), metrics)
    scope = http_scope(headers=[(b"x-forwarded-for", b"nonsense")])

    through(gate, dict(scope))
    through(gate, dict(scope) | {"client": ("192.0.2.8", 1)})

    assert metrics.registry.get_sample_value("proxy_malformed_total") == 1


class TestReadiness:
    @pytest.mark.parametrize("verdict", [READY, DRAINING])
    def test_served(self, verdict):
        """Also while draining: somebody may still be sent here."""
        gate = ReadinessGate(passes, Fixed(verdict))

        assert through(gate, http_scope()).body == b"passed"

    def test_not_served(self):
        """503 to HTTP, "try again later" to a web socket."""
        gate = ReadinessGate(passes, Fixed(STARTING))

        assert through(gate, http_scope()).problem["code"] == "starting"
        done = through(gate, websocket_scope())
        assert done.sent == [{"type": "websocket.close", "code": 1013}]

    @pytest.mark.parametrize("path", sorted(HEALTH_PATHS))
    def test_health_is_exempt(self, path):
        """It answers for itself."""
        gate = ReadinessGate(passes, Fixed(STARTING))

        assert through(gate, http_scope(path=path)).body == b"passed"


class TestHead:
    @pytest.mark.parametrize(("length", "status"), [(99, 200), (100, 431)])
    def test_size(self, length, status):
        """Names and values count, up to the limit."""
        scope = http_scope(headers=[(b"x", bytes(length))])

        assert through(RequestLimits(passes, LIMITS), scope).status == status

    def test_many_small_lines_count_together(self):
        """Not each line for itself."""
        scope = http_scope(headers=[(b"a", b"bcd")] * 26)

        assert through(RequestLimits(passes, LIMITS), scope).status == 431


async def read_all(receive) -> bytes:
    """A body to its end."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def guarded(messages: list[Message], headers=(), limits: Limits = LIMITS) -> bytes:
    """The body of *messages* through the guard."""

    async def receive():
        if messages:
            return messages.pop(0)
        return await asyncio.Event().wait()  # stalls

    scope = http_scope("POST", headers=headers)
    return asyncio.run(read_all(GuardedReceive(scope, receive, limits)))


class TestBody:
    @pytest.mark.parametrize("parts", [[b""], [b"0123456789"], [b"01234", b"56789"]])
    def test_within_the_limit(self, parts):
        """As it was sent."""
        assert guarded(parts_of(*parts)) == b"".join(parts)

    @pytest.mark.parametrize("parts", [[bytes(11)], [bytes(10), b"x"], [bytes(99)]])
    def test_beyond_the_limit(self, parts):
        """413 as soon as there is too much."""
        with pytest.raises(Problem) as caught:
            guarded(parts_of(*parts))

        assert caught.value.status == 413

    def test_declared_beyond_the_limit(self):
        """Nothing of it is read."""
        messages = parts_of(b"")
        with pytest.raises(Problem) as caught:
            guarded(messages, [(b"content-length", b"11")])

        assert caught.value.status == 413
        assert len(messages) == 1

    @pytest.mark.parametrize("length", [b"x", b"-1", b"9" * 20, b"\xb2"])
    def test_a_declaration_that_is_no_length_declares_nothing(self, length):
        """The server refuses those; here they break nothing."""
        assert guarded(parts_of(b"x"), [(b"content-length", length)]) == b"x"

    @pytest.mark.parametrize(
        "header", [(b"content-length", b"9"), (b"transfer-encoding", b"chunked")]
    )
    def test_broken_off(self, header):
        """The sender's fault, not ours."""
        with pytest.raises(Problem) as caught:
            guarded([*parts_of(b"0", b"1")[:1], dict(GONE)], [header])

        assert (caught.value.status, caught.value.code) == (400, "body_incomplete")

    def test_without_a_body_nothing_is_broken_off(self):
        """Who waits for the end of a stream is told of it."""
        assert guarded([dict(GONE)]) == b""

    def test_stalled(self):
        """408 when the time is over."""
        stalls = parts_of(b"0", b"1")[:1]
        with pytest.raises(Problem) as caught:
            guarded(stalls, limits=replace(LIMITS, first_s=0.01))

        assert caught.value.status == 408

    def test_octets_earn_time_up_to_the_total(self):
        """A slow sender is heard as long as it is not too slow."""
        limits = Limits(first_s=1.0, total_s=5.0, bytes_per_s=10)
        guard = GuardedReceive(http_scope(), passes, limits)
        guard._received = 20
        assert guard._deadline(100.0) == 103.0
        guard._received = 2_000
        assert guard._deadline(100.0) == 105.0

    def test_after_the_end_nothing_is_timed(self):
        """Waiting for the client to go away has no deadline."""
        messages = [*parts_of(b"x"), {"type": "http.disconnect"}]

        async def receive():
            return messages.pop(0)

        async def run():
            guard = GuardedReceive(http_scope(), receive, LIMITS)
            return await guard(), await guard()

        assert asyncio.run(run())[1]["type"] == "http.disconnect"
