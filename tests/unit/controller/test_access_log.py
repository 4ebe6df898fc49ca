"""One line for each request, whatever becomes of it."""

from __future__ import annotations

import asyncio
import io
import json

import pytest
from tests.support.app import Clock
from tests.support.asgi import exchange, http_scope, websocket_scope

from sentinel_netlab.controller.access_log import AccessLog
from sentinel_netlab.controller.lifecycle import Lifecycle
from sentinel_netlab.controller.logs import make_logger
from sentinel_netlab.controller.metrics import Metrics
from sentinel_netlab.controller.problems import Problem


class Ring:
    """The access log around an application, and what it wrote."""

    def __init__(self, app) -> None:
        self.stream, self.life, self.metrics = io.BytesIO(), Lifecycle(), Metrics()
        log = make_logger("info", Clock().wall, self.stream)
        self.app = AccessLog(app, log, self.metrics, self.life)

    def ask(self, scope):
        return asyncio.run(exchange(self.app, scope))

    @property
    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    @property
    def line(self) -> dict:
        [line] = [line for line in self.lines if line["event"] == "Access Log"]
        return line


async def answers(scope, receive, send):
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


async def silent(scope, receive, send):
    return


async def refuses(scope, receive, send):
    raise Problem(408, "body_timeout")


async def fails(scope, receive, send):
    raise ValueError("a fault")


async def fails_late(scope, receive, send):
    await answers(scope, receive, send)
    raise ValueError("a fault")


async def opens(scope, receive, send):
    await send({"type": "websocket.accept"})


async def closes(scope, receive, send):
    await send({"type": "websocket.close", "code": 1008})


def test_a_line_says_who_what_and_how():
    """The fields that operators and tests read."""
    ring = Ring(answers)
    done = ring.ask(http_scope("POST", "/api/v1/x", query=b"token=secret"))

    line = ring.line
    assert line["method"] == "POST"
    assert line["path"] == "/api/v1/x"
    assert line["status"] == 204
    assert line["peer"] == "192.0.2.7"
    assert line["duration_ms"] >= 0
    assert len(line["request_id"]) == 16
    assert done.headers["x-request-id"] == line["request_id"]
    assert {"ip", "trusted", "malformed", "timestamp"} <= line.keys()


@pytest.mark.parametrize(
    ("app", "scope", "status"),
    [
        (silent, http_scope(), 499),
        (refuses, http_scope(), 408),
        (fails, http_scope(), 500),
        (opens, websocket_scope(), 101),
        (closes, websocket_scope(), 403),
    ],
)
def test_each_end_has_its_status(app, scope, status):
    """Also of requests without an answer."""
    ring = Ring(app)
    ring.ask(scope)

    assert ring.line["status"] == status
    assert ring.life.in_flight == 0


def test_a_fault_after_the_answer_began_breaks_the_connection():
    """The server is told, so that half an answer looks like one."""
    ring = Ring(fails_late)
    with pytest.raises(ValueError, match="a fault"):
        ring.ask(http_scope())

    assert ring.line["status"] == 204
    assert ring.life.in_flight == 0


def test_nothing_secret_is_written():
    """Neither query nor headers nor a token in the path."""
    ring = Ring(answers)
    headers = [(b"authorization", b"Bearer snl_api_x_hunter2")]
    ring.ask(http_scope("GET", "/t/snl_api_a_hunter2", headers, query=b"q=hunter2"))

    assert b"hunter2" not in ring.stream.getvalue()
    assert ring.line["path"] == "/t/snl_api_***"


@pytest.mark.parametrize("raw", [b"/a\r\n{}\x1b[2J\x00\x7f", b"/\xff\xfe", b"/%0a%1b"])
def test_control_characters_are_escaped(raw):
    """A request is one line of visible ASCII."""
    ring = Ring(answers)
    ring.ask(http_scope() | {"raw_path": raw})

    written = ring.stream.getvalue()
    assert written.count(b"\n") == 1
    assert all(0x20 <= octet < 0x7F for octet in written[:-1])
    assert ring.line["path"] == raw.decode("latin-1")


def test_a_long_path_is_cut():
    """The log grows by what happened, not by what was sent."""
    ring = Ring(answers)
    ring.ask(http_scope(path="/" + "a" * 60_000))

    assert len(ring.line["path"]) == 2048


def test_a_request_is_counted_by_its_template():
    """Labels are few, whatever is asked."""
    ring = Ring(answers)
    for path in ("/a", "/b"):
        ring.ask(http_scope("BREW", path))

    labels = {"method": "OTHER", "route": "unmatched", "status": "204"}
    count = ring.metrics.registry.get_sample_value("http_requests_total", labels)
    assert count == 2


def test_lifespan_is_no_request():
    """It has no line."""
    ring = Ring(silent)
    ring.ask({"type": "lifespan"})

    assert not ring.lines
