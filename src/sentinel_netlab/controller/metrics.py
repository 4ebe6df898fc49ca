"""
What the process counts, for Prometheus; in a registry of its own.

Labels have few values: the template of a route, never a path, an address or a name.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
)
from prometheus_client import make_asgi_app as make_exporter

from sentinel_netlab.controller.asgi import App, Receive, Scope, Send

_METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"}
)
_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """
    The numbers of the HTTP frame; other parts add theirs with `registry`.

    Attributes:
        registry: what `/metrics` shows.
        proxy_malformed: forwarding headers of a trusted proxy that could not be read.
        schema_foreign_objects: objects in the database's schema that are not ours.
        authentications: of people, by result: "success", or the code of the refusal.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.proxy_malformed = Counter(
            "proxy_malformed",
            "Requests whose forwarding headers could not be read.",
            registry=self.registry,
        )
        self.schema_foreign_objects = Gauge(
            "schema_foreign_objects",
            "Objects in the schema that are not ours.",
            registry=self.registry,
        )
        self.authentications = Counter(
            "authentications",
            "Requests in routes of people, by whether somebody was let in.",
            ["result"],
            registry=self.registry,
        )
        self._ready = Gauge("ready", "1: requests are served.", registry=self.registry)
        self._not_ready = Counter(
            "not_ready",
            "Times of becoming not ready.",
            ["code"],
            registry=self.registry,
        )
        self._requests = Counter(
            "http_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._durations = Histogram(
            "http_request_duration_seconds",
            "From the first byte of a request to the end of its answer.",
            ["method", "route"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )

    def request(
        self, method: str, route: str | None, status: int, took_s: float
    ) -> None:
        """Count one request; `route` is the template, None what no route matched."""
        method = method if method in _METHODS else "OTHER"
        route = route or "unmatched"
        self._requests.labels(method, route, str(status)).inc()
        self._durations.labels(method, route).observe(took_s)

    def readiness(self, code: str | None) -> None:
        """Ready (None), or not and why."""
        self._ready.set(code is None)
        if code is not None:
            self._not_ready.labels(code).inc()


def make_metrics_app(metrics: Metrics) -> App:
    """What the listener of its own serves: `/metrics`, nothing else."""
    exporter = make_exporter(metrics.registry, disable_compression=True)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/metrics" and scope["method"] == "GET":
            await exporter(scope, receive, send)
            return
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    return app
