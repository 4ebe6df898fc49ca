"""The application as a whole: rings around routes, and one shape of refusals."""

from __future__ import annotations

import pytest
from litestar import get, post
from litestar.params import RawBody
from tests.support.app import on_app, settings_for
from tests.support.asgi import (
    Exchange,
    exchange,
    http_scope,
    parts_of,
    websocket_scope,
)
from tests.support.proxies import VECTORS, headers_of, transport_of

from sentinel_netlab.controller.proxy import TrustedProxies
from sentinel_netlab.controller.readiness import Finding, Verdict

REQUESTS = [v for v in VECTORS if v["expect"]["decision"] != "config_error"]
MISTAKES = [v for v in VECTORS if v["expect"]["decision"] == "config_error"]


@post("/echo", opt={"role": "public"}, status_code=200)
async def echo(body: RawBody) -> bytes:
    """What was sent."""
    return body


@get("/fault", opt={"role": "public"}, sync_to_thread=False)
def fault() -> None:
    """A fault of ours, that says what must not be said."""
    raise RuntimeError("postgresql://u:hunter2@db/x")


def sent_through(vector: dict) -> tuple[Exchange, dict]:
    """What became of the request of *vector*, and its line in the access log."""
    asked = vector["input"]
    scope_of = http_scope if asked["protocol"] == "http" else websocket_scope
    scope = scope_of(
        path=asked["path"],
        headers=headers_of(asked),
        peer=asked["peer"],
        scheme=transport_of(asked),
    )

    async def ask(lab):
        done = await exchange(lab.app, scope, parts_of(b"a", b"b"))
        return done, lab.logs("Access Log")[-1]

    trusted = TrustedProxies.parse(asked["trusted_proxy_cidrs"])
    return on_app(None, ask, trusted_proxies=trusted)


def refused(done: Exchange) -> bool:
    """Whether the gate sent the request away."""
    if done.sent[0]["type"] == "websocket.close":
        return done.sent[0]["code"] == 1008
    return done.problem.get("code") == "insecure_transport"


class TestVectors:
    @pytest.mark.parametrize("vector", REQUESTS, ids=lambda vector: vector["id"])
    def test_request(self, vector):
        """The gate decides as expected, and the log names the client."""
        done, line = sent_through(vector)

        expect = vector["expect"]
        assert refused(done) == (expect["decision"] == "reject_insecure")
        assert line["ip"] == expect["client_ip"]
        assert line["peer"] == vector["input"]["peer"]
        assert line["trusted"] == expect["peer_trusted"]
        assert line["malformed"] == expect.get("malformed_forwarding", False)

    @pytest.mark.parametrize(
        "vector",
        [v for v in REQUESTS if v["expect"]["decision"] == "reject_insecure"],
        ids=lambda vector: vector["id"],
    )
    def test_refusal(self, vector):
        """403 without redirect and before the body; a web socket is never accepted."""
        done, line = sent_through(vector)

        assert done.received == 0
        assert line["status"] == 403
        if vector["input"]["protocol"] == "http":
            assert done.status == 403
            assert "location" not in done.headers
        else:
            assert [message["type"] for message in done.sent] == ["websocket.close"]

    @pytest.mark.parametrize("vector", MISTAKES, ids=lambda vector: vector["id"])
    def test_mistake(self, vector):
        """A list that is wrong is no list."""
        with pytest.raises(ValueError, match=r"is|has|trusts"):
            TrustedProxies.parse(vector["input"]["trusted_proxy_cidrs"])

    def test_all_are_there(self):
        """None was lost in copying."""
        assert (len(REQUESTS), len(MISTAKES)) == (52, 6)


class TestRefusals:
    @pytest.mark.parametrize(
        ("method", "path", "status", "code"),
        [
            ("GET", "/nothing", 404, "not_found"),
            ("DELETE", "/echo", 405, "method_not_allowed"),
            ("GET", "/fault", 500, "internal_error"),
        ],
    )
    def test_have_one_shape(self, method, path, status, code):
        """A problem document with status, code and request id; nothing of inside."""

        async def ask(lab):
            return await lab.http.request(method, path), lab.logs("Access Log")

        answer, [line] = on_app(None, ask, routes=(echo, fault))

        problem = answer.json()
        assert answer.status_code == problem["status"] == line["status"] == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["code"] == code
        assert problem["request_id"] == line["request_id"]
        assert answer.headers["x-request-id"] == line["request_id"]
        assert "hunter2" not in answer.text

    def test_a_fault_is_logged_with_its_request(self):
        """The stack goes to the log, without the password in it."""

        async def ask(lab):
            await lab.http.get("/fault")
            return lab.logs("Request Failed"), lab.stream.getvalue()

        [line], everything = on_app(None, ask, routes=(fault,))

        assert "RuntimeError" in line["exception"]
        assert b"hunter2" not in everything

    def test_a_large_body_is_refused_by_the_framework(self):
        """What the framework reads is bounded more closely than what sensors send."""

        async def ask(lab):
            return await lab.http.post("/echo", content=bytes(256 * 1024 + 1))

        answer = on_app(None, ask, routes=(echo,))

        assert answer.status_code == 413
        assert answer.json()["code"] == "content_too_large"


class TestNotReady:
    behind = Finding(Verdict("schema_behind", "Schema Behind"), "old")

    @pytest.mark.parametrize("path", ["/echo", "/nothing", "/schema", "/api/v1/alerts"])
    def test_every_route_says_so(self, stub_of, path):
        """503 with Retry-After, also where there is nothing."""

        async def ask(lab):
            return await lab.http.get(path)

        answer = on_app(None, ask, routes=(echo,), probe=stub_of(self.behind))

        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["code"] == "schema_behind"

    def test_insecure_comes_first(self, stub_of):
        """Who asks without TLS learns nothing of us."""

        async def ask(lab):
            return await exchange(lab.app, http_scope(path="/echo", scheme="http"))

        done = on_app(None, ask, routes=(echo,), probe=stub_of(self.behind))

        assert done.problem["code"] == "insecure_transport"


def test_without_require_tls_http_is_served():
    """The lab has no TLS."""

    async def ask(lab):
        scope = http_scope("POST", "/echo", scheme="http")
        return await exchange(lab.app, scope, parts_of(b"x"))

    done = on_app(None, ask, routes=(echo,), require_tls=False)

    assert done.status == 200
    assert settings_for().require_tls
