"""What reaches the application through its server, and what does not."""

from __future__ import annotations

import ssl

import httpx
import pytest
from tests.support.certificates import certificate
from tests.support.controllers import controller, furnish_lab, lab_controller
from tests.support.environments import HMAC_SECRET, SECRET_KEY

PROD = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
    "CONTROLLER_SECRET_KEY": SECRET_KEY,
    "CONTROLLER_HMAC_SECRET": HMAC_SECRET,
    "DRAIN_DELAY": "0",
}
NOT_READY = (503, "db_unreachable")
INSECURE = (403, "insecure_transport")


def test_own_tls_is_https(tmp_path):
    """The gate lets it pass; plain HTTP is not even answered."""
    files = certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=files["TLS_CERT_FILE"])
    with controller(**PROD, **files) as one:
        base = f"https://127.0.0.1:{one.port}"
        with httpx.Client(base_url=base, verify=trusting, timeout=30) as secure:
            plain, one.http = one.http, secure
            one.wait_until("/healthz", 200)
            one.wait_until("/readyz", 503)
            assert one.status_of("/api/v1/alerts") == NOT_READY
        with pytest.raises(httpx.TransportError):
            plain.get("/healthz")


def test_a_trusted_proxy_speaks_for_its_client():
    """The same connection with and without its word; logged as the client."""
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    with controller(**PROD, TRUSTED_PROXY_CIDRS="127.0.0.1") as one:
        one.wait_until("/readyz", 503)
        assert one.status_of("/api/v1/alerts") == INSECURE
        answer = one.http.get("/api/v1/alerts", headers=said)
        assert (answer.status_code, answer.json()["code"]) == NOT_READY
        one.terminate()
        one.process.wait(25)

    refused, passed = [x for x in one.logged("Access Log") if "alerts" in x["path"]]
    assert (refused["ip"], refused["peer"]) == ("127.0.0.1", "127.0.0.1")
    assert (passed["ip"], passed["peer"]) == ("203.0.113.9", "127.0.0.1")


HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
JOIN = b"POST /api/v1/sensors/join HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A controller of the lab, ready."""
    folder = tmp_path_factory.mktemp("lab")
    furnish_lab(folder)
    with lab_controller(folder) as one:
        one.wait_until("/readyz", 200)
        yield one


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (HEAD + b"\r\n", 200),
        (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (HEAD + b"X: a\r\n b\r\n\r\n", 400),
        (HEAD + b"X : a\r\n\r\n", 400),
        (HEAD + b"X: a\0b\r\n\r\n", 400),
        (HEAD + b"X: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (HEAD + b"X: a\r\n" * 500 + b"\r\n", 431),
        (b"G@T / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /%ff%00%zz HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"TRACE /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (JOIN + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400),
        (JOIN + b"Content-Length: 99999999999\r\n\r\n{", 413),
    ],
)
def test_odd_requests_are_refused(lab, request_, status):
    """Each with its status, none with a fault of ours."""
    with lab.connect() as connection:
        connection.sendall(request_)
        answer = connection.recv(1000)

    assert int(answer.split()[1]) == status
    assert not lab.logged("Request Failed")
