"""
Only nginx is reached, and what it tells the controller is true.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx
import pytest
from tests.support.batches import alert
from tests.support.edge import (
    FRONT,
    ended,
    exchange,
    from_container,
    image_of,
    logged,
    request_bytes,
    send,
    slow_links,
    unseen_path,
)
from tests.support.engine import FAR, NEAR, Place
from tests.support.proxies import VECTORS
from tests.support.stack import Stack
from tests.support.traffic import BASE, enrol, signer_of, unchecked

from sentinel_netlab.core.times import microseconds
from sentinel_netlab.core.wire import AlertChange, Batch

SENSOR = "edge"
BAD_CAPTURE = (400, "bad_evidence")
"""Signed well, and read."""
BAD_SIGNATURE = (401, "signature_invalid")
SPOOFED = [
    (vector["id"], vector["input"]["headers"])
    for vector in VECTORS
    if vector["input"]["protocol"] == "http"
    and vector["input"]["headers"]
    and vector["expect"]["decision"] != "config_error"
]
RAW_PATHS = [
    "/api/v1//nothing",
    "//api/v1/nothing",
    "/api/v1/%2Fnothing%2f",
    "/api/v1/nothing/../other/./x",
    "/api/v1/%C3%A9%20%25/;a=b,c",
    "/api/v1/%6Eothing",
]


def test_access_log_has_the_real_client(stack: Stack, client: Place) -> None:
    """A client on another machine is in `Access Log` with its own address."""
    path = unseen_path()
    answer = stack.request("GET", path, host=NEAR, place=client)

    assert answer.status_code == 404
    line = logged(stack, path)[path]
    assert line["ip"] == FAR
    assert line["peer"] == stack.setting("TRUSTED_PROXY_CIDRS")
    assert (line["trusted"], line["malformed"]) == (True, False)


def test_spoofed_headers_from_outside_are_ignored(stack: Stack, client: Place) -> None:
    """The headers of the proxy vectors, as they are, through the published port."""
    assert len(SPOOFED) > 30
    paths = {one: unseen_path(one) for one, _ in SPOOFED}
    for one, headers in SPOOFED:
        sent = request_bytes(paths[one], headers)
        assert client.call(exchange, NEAR, 443, sent).status == 404, one

    lines = logged(stack, *paths.values())
    seen = {one: (lines[p]["ip"], lines[p]["malformed"]) for one, p in paths.items()}
    assert seen == dict.fromkeys(paths, (FAR, False))


def test_spoofed_headers_from_this_machine_are_ignored(stack: Stack) -> None:
    """From the host itself, Docker shows a gateway; nobody can choose what is seen."""
    path = unseen_path()
    headers = [["X-Forwarded-For", "203.0.113.9"], ["Forwarded", "for=203.0.113.9"]]
    stack.place.call(exchange, "127.0.0.1", 443, request_bytes(path, headers))

    [nginx] = stack.containers("nginx")
    networks = stack.inspect(nginx)["NetworkSettings"]["Networks"]
    gateways = {one["Gateway"] for one in networks.values()}
    assert logged(stack, path)[path]["ip"] in gateways


def test_spoofed_headers_of_another_container_are_ignored(stack: Stack) -> None:
    """Straight to the controller, in its own network: no proxy, no TLS, no service."""
    paths = {one: unseen_path(one) for one, _ in SPOOFED}
    asked = [(paths[one], headers) for one, headers in SPOOFED]
    address, answers = from_container(stack, asked)

    assert {status for status, _ in answers} == {403}
    assert {json.loads(body)["code"] for _, body in answers} == {"insecure_transport"}
    lines = logged(stack, *paths.values())
    assert {line["ip"] for line in lines.values()} == {address}
    assert {line["trusted"] for line in lines.values()} == {False}


def test_no_other_container_gets_the_address_of_the_proxy(stack: Stack) -> None:
    """By itself each gets one of the upper half; on demand, it is taken."""
    proxy = stack.setting("TRUSTED_PROXY_CIDRS")
    run = f"docker run --rm --network {FRONT} --ip {proxy} {image_of(stack)} true"
    assert "already in use" in stack.typed(run, status=None).stderr.lower()

    address, _ = from_container(stack, [("/healthz", [])])
    assert int(address.rpartition(".")[2]) >= 128


def test_controller_without_tls_refuses_all_but_health(stack: Stack) -> None:
    targets = ["/api/v1/alerts", "/schema/openapi.json", "/nothing"]
    health = ["/healthz", "/readyz", "/api/v1/health"]
    _, answers = from_container(stack, [(one, []) for one in targets + health])

    assert [status for status, _ in answers] == [403] * 3 + [200] * 3


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path",
    ["/api/v1/alerts", "/api/v1/telemetry", "//api/v1/alerts", "/%61pi/v1/alerts",
     "/schema/openapi.json"],
)  # fmt: skip
def test_api_over_plain_http_is_refused(stack: Stack, method: str, path: str) -> None:
    """With a problem document, and not redirected."""
    sent = request_bytes(path, method=method, body=b"{}" if method != "GET" else b"")
    answer = stack.place.call(exchange, "127.0.0.1", 80, sent)

    assert (answer.status, answer.code) == (403, "insecure_transport")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "location" not in answer.headers


def test_credentials_over_plain_http_are_refused_everywhere(stack: Stack) -> None:
    headers = [["Authorization", "Bearer x"]]
    sent = request_bytes("/elsewhere", headers)
    answer = stack.place.call(exchange, "127.0.0.1", 80, sent)

    assert (answer.status, answer.code) == (403, "insecure_transport")


def test_browsers_are_redirected(stack: Stack) -> None:
    sent = request_bytes("/page/%2F?a=%20//b")
    answer = stack.place.call(exchange, "127.0.0.1", 80, sent)

    assert answer.status == 308
    assert answer.headers["location"] == "https://wids.example/page/%2F?a=%20//b"


@pytest.mark.parametrize("path", ["/api/v1/health", "/readyz", "/healthz"])
def test_health_is_served_on_both_ports(stack: Stack, path: str) -> None:
    for scheme in ("http", "https"):
        answer = stack.request("GET", path, scheme=scheme)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("version", "good"), [("1", False), ("1_1", False), ("1_2", True), ("1_3", True)]
)
def test_tls_versions(stack: Stack, version: str, good: bool) -> None:
    """1.2 and 1.3; older ones are refused by the server, not by the client alone."""
    weak = "" if good else " -cipher ALL:@SECLEVEL=0"
    said = stack.typed_inside(
        f"openssl s_client -connect 127.0.0.1:443 -tls{version}{weak} </dev/null 2>&1"
        " || true"
    ).stdout
    assert ("Cipher is (NONE)" not in said) == good
    assert ("alert protocol version" in said) != good


def test_http_2_and_hsts(stack: Stack) -> None:
    said = stack.typed_inside(
        "curl -sk --http2 -D - -o /dev/null https://127.0.0.1/api/v1/alerts"
    ).stdout.lower()

    assert said.startswith("http/2 401")
    assert "strict-transport-security: max-age=31536000" in said
    assert said.count("strict-transport-security") == 1


@pytest.mark.parametrize("http", ["--http1.1", "--http2"])
def test_raw_path_reaches_the_controller(stack: Stack, http: str) -> None:
    """As it was sent: nothing is decoded, merged or resolved."""
    paths = [f"{one}/{secrets.token_hex(6)}" for one in RAW_PATHS]
    urls = " ".join(f'"https://127.0.0.1{one}"' for one in paths)
    stack.typed_inside(f"curl -sk -g {http} --path-as-is {urls}")

    assert set(logged(stack, *paths)) == set(paths)


def test_signed_requests_are_taken_as_they_were_signed(stack: Stack) -> None:
    """Escapes in path and query: taken where signed so, refused where not."""
    enrol(stack, SENSOR)
    signer = signer_of(stack, SENSOR)

    def put(signed: str, sent: str) -> tuple[int, str]:
        body = b"\x0a\x0d\x0d\x0a"
        key = secrets.token_hex(16)
        headers = signer.headers("PUT", signed, body, idempotency_key=key)
        headers["Content-Type"] = "application/x-pcapng"
        request = request_bytes(sent, list(headers.items()), method="PUT", body=body)
        answer = stack.place.call(exchange, "127.0.0.1", 443, request)
        return answer.status, answer.code

    plain = "/api/v1/alerts/" + "a" * 32 + "/evidence"
    escaped = plain.replace("/aa", "/%61a")
    query = "?a=%2Fb%2f&c=//d/../e&f=%C3%A9+%20"
    assert put(escaped + query, escaped + query) == BAD_CAPTURE
    assert put(plain, escaped) == BAD_SIGNATURE
    assert put(escaped, plain) == BAD_SIGNATURE
    other = query.replace("%2f", "%2F")
    assert put(plain + query, plain + other) == BAD_SIGNATURE


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (request_bytes("/", [["X", "a" * 9_000]]), 431, "headers_too_large"),
        (
            request_bytes("/", [[f"X-{n}", "a" * 7_900] for n in range(6)]),
            431,
            "headers_too_large",
        ),
        (request_bytes("/" + "a" * 9_000), 414, "uri_too_long"),
        (
            request_bytes("/api/v1/telemetry", method="POST", body=b"a" * 3_000_000),
            413,
            "content_too_large",
        ),
        (
            request_bytes("/api/v1/sites", method="POST", body=b"a" * 600_000),
            413,
            "content_too_large",
        ),
        (b'G"T / HTTP/1.1\r\nHost: a\r\n\r\n', 400, "bad_request"),
        (b"GET / HTTP/9.1\r\nHost: a\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "bad_request"),
        (request_bytes("/", [["Content-Length", "1"], ["Content-Length", "2"]]),
         400, "bad_request"),
        (request_bytes("/", [["Transfer-Encoding", "gzip"]]), 400, "bad_request"),
        (
            request_bytes(
                "/", [["Content-Length", "1"], ["Transfer-Encoding", "chunked"]]
            ),
            400,
            "bad_request",
        ),
    ],
    ids=["header", "headers", "path", "batch", "body", "method", "version", "host",
         "lengths", "coding", "smuggled"],
)  # fmt: skip
def test_bad_requests_are_refused_without_5xx(
    stack: Stack, sent: bytes, status: int, code: str
) -> None:
    answer = stack.place.call(exchange, "127.0.0.1", 443, sent)

    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_batch_larger_than_the_controller_takes_is_refused_by_it(stack: Stack) -> None:
    """What nginx lets through, the controller judges."""
    enrol(stack, SENSOR)
    body, path = b"a" * 1_500_000, "/api/v1/telemetry"
    key = secrets.token_hex(16)
    signed = signer_of(stack, SENSOR).headers("POST", path, body, idempotency_key=key)
    sent = request_bytes(path, list(signed.items()), method="POST", body=body)
    answer = stack.place.call(exchange, "127.0.0.1", 443, sent)

    assert (answer.status, answer.code) == (413, "content_too_large")
    assert "x-request-id" in answer.headers


def test_events_pass_as_they_happen(stack: Stack, capsys) -> None:
    """An alert reaches an open stream, and nothing behind it pushes it through."""
    enrol(stack, SENSOR)
    headers = {"Authorization": f"Bearer {stack.token()}"}
    now_us = microseconds(datetime.now(UTC))
    raised = alert(
        "b", first_us=now_us - 3, raised_us=now_us - 2, last_us=now_us - 1, frames=[]
    )

    def follow() -> tuple[list[str], float]:
        seen: list[str] = []
        with (
            httpx.Client(verify=unchecked(), trust_env=False, timeout=40) as asking,
            asking.stream("GET", f"{BASE}/api/v1/events", headers=headers) as answer,
        ):
            assert answer.status_code == 200
            for line in answer.iter_lines():
                seen.append(line)
                if line.startswith("id:") and len(seen) < 4:
                    taken = send(stack, _batch(0, [raised]))
                    assert taken.status == 202
                if line.startswith(("data:", ": beat")):
                    return seen, time.time()
        return seen, 0.0

    seen, came_at = stack.place.call(follow)
    assert "event: alert" in seen
    assert ": beat" not in seen
    stored = "SELECT extract(epoch FROM max(created_at)) FROM events"
    with capsys.disabled():
        print(f"{came_at - float(stack.sql(stored)):.3f} s after it was stored")  # noqa: T201  # a figure


def _batch(number: int, alerts: Sequence[AlertChange] = ()) -> Batch:
    now_us = microseconds(datetime.now(UTC))
    return Batch(
        secrets.token_hex(16), SENSOR, secrets.token_hex(8), number, now_us,
        "alerts" if alerts else "observations", alerts=list(alerts),
    )  # fmt: skip


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /api/v1/alerts HTTP/1.1\r\nHost: wids.example\r\nX-Slow: ",
        request_bytes(
            "/api/v1/telemetry",
            [["Content-Length", "1000000"]],
            method="POST",
            body=b"a" * 40_000,
        ),
    ],
    ids=["header", "body"],
)
def test_slow_senders_are_ended_and_others_are_served(
    stack: Stack, begun: bytes
) -> None:
    """500 that stall; meanwhile people and sensors are answered."""
    enrol(stack, SENSOR)
    token = {"Authorization": f"Bearer {stack.token('viewer')}"}
    links = stack.place.call(slow_links, "127.0.0.1", 443, begun, 500)
    for number in range(20):
        answer = stack.request("GET", "/api/v1/alerts", headers=token)
        assert answer.status_code == 200
        assert send(stack, _batch(number)).status == 202
    assert stack.place.call(ended, links, 90)


def test_only_nginx_publishes_ports(stack: Stack) -> None:
    services = stack.compose("config --services").stdout.split()
    published = {
        service: sorted(
            port
            for one in stack.containers(service)
            for port, hosts in stack.inspect(one)["NetworkSettings"]["Ports"].items()
            if hosts
        )
        for service in services
    }

    assert {name: ports for name, ports in published.items() if ports} == {
        "nginx": ["8080/tcp", "8443/tcp"]
    }
