"""What the process counts, and who may read it."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.asgi import exchange, http_scope, parts_of, websocket_scope

from sentinel_netlab.controller.metrics import Metrics, make_metrics_app


def ask(metrics: Metrics, scope):
    """What the listener of the metrics answers."""
    return asyncio.run(exchange(make_metrics_app(metrics), scope, parts_of(b"")))


def test_metrics_are_shown():
    """Counts of requests by route, and of the process itself."""
    metrics = Metrics()
    metrics.request("GET", "/api/v1/alerts/{alert_id}", 200, 0.02)
    done = ask(metrics, http_scope(path="/metrics"))

    text = done.body.decode()
    assert done.status == 200
    assert 'route="/api/v1/alerts/{alert_id}",status="200"} 1.0' in text
    assert "http_request_duration_seconds_bucket" in text
    assert "process_cpu_seconds_total" in text


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("POST", "/metrics"), ("GET", "/healthz")]
)
def test_nothing_else_is(method, path):
    """The listener serves one path."""
    assert ask(Metrics(), http_scope(method, path)).status == 404


def test_no_web_socket_is_answered():
    """Nor anything that is no request."""
    assert ask(Metrics(), websocket_scope("/metrics")).sent == []


def test_readiness_is_a_gauge_and_a_count():
    """Ready or not now; how often not, and why."""
    metrics = Metrics()
    metrics.readiness("schema_drift")
    value = metrics.registry.get_sample_value
    assert value("ready") == 0
    assert value("not_ready_total", {"code": "schema_drift"}) == 1

    metrics.readiness(None)
    assert value("ready") == 1
