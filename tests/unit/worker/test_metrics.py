"""The numbers of a worker, as Prometheus reads them."""

from __future__ import annotations

import socket
import urllib.request

import pytest
from prometheus_client import generate_latest

from sentinel_netlab.store.queue import QueueDepth
from sentinel_netlab.worker.metrics import Metrics, serve


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_queue_is_shown():
    """Waiting jobs, dead ones, and the age of the oldest."""
    metrics = Metrics()
    metrics.queue(QueueDepth(queued=3, oldest_age_s=7.5, dead=1, leased=2))
    text = generate_latest(metrics.registry).decode()

    assert "\nqueue_depth 3.0\n" in text
    assert "\nqueue_dead 1.0\n" in text
    assert "\nqueue_oldest_age_seconds 7.5\n" in text


def test_names_are_those_of_the_documents():
    """Jobs by result, and the lag of what was ingested."""
    metrics = Metrics()
    metrics.jobs.labels("done").inc()
    metrics.ingest_lag_s.observe(0.2)
    text = generate_latest(metrics.registry).decode()

    assert 'jobs_total{result="done"} 1.0' in text
    assert 'ingest_lag_seconds_bucket{le="0.25"} 1.0' in text


def test_listener_serves_and_ends():
    """The port is free again at once."""
    port = free_port()
    for _ in range(2):
        stop = serve(Metrics(), "127.0.0.1", port)
        url = f"http://127.0.0.1:{port}/metrics"
        with urllib.request.urlopen(url) as answer:
            assert b"queue_depth" in answer.read()
        stop()


def test_port_that_is_taken_is_an_error():
    """At the start, where somebody sees it."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError):  # noqa: PT011
        serve(Metrics(), "127.0.0.1", taken.getsockname()[1])
