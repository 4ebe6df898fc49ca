"""
What the worker counts, for Prometheus; in a registry and on a listener of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    start_http_server,
)

from sentinel_netlab.store.queue import QueueDepth

_LAGS_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600)


class Metrics:
    """
    The numbers of a worker.

    Attributes:
        ready: 1 while jobs are claimed.
        jobs: by result: done, retry, dead, lost (its lease went to another), put_back
            (the database was out).
        ingest_lag_s: from the receipt of a batch to the commit of what it held.
        notices: by channel and result: sent, failed.
        forgotten_rows: by table.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own = self.registry
        self.ready = Gauge("ready", "1: jobs are claimed.", registry=own)
        self.jobs = Counter("jobs", "Jobs ended, by result.", ["result"], registry=own)
        self.observations = Counter(
            "observations_stored", "Observations stored.", registry=own
        )
        self.ingest_lag_s = Histogram(
            "ingest_lag_seconds",
            "From the receipt of a batch to its commit.",
            buckets=_LAGS_S,
            registry=own,
        )
        self.notices = Counter(
            "notices", "Notices, by what became of them.", ["channel", "result"],
            registry=own,
        )  # fmt: skip
        self.forgotten_rows = Counter(
            "forgotten_rows", "Rows that retention took.", ["table"], registry=own
        )
        self._depth = Gauge("queue_depth", "Jobs that wait.", registry=own)
        self._dead = Gauge("queue_dead", "Jobs that are dead.", registry=own)
        self._age_s = Gauge(
            "queue_oldest_age_seconds", "Age of the oldest job.", registry=own
        )

    def queue(self, depth: QueueDepth) -> None:
        """Show how much waits."""
        self._depth.set(depth.queued)
        self._dead.set(depth.dead)
        self._age_s.set(depth.oldest_age_s)


def serve(metrics: Metrics, host: str, port: int) -> Callable[[], None]:
    """
    Serve *metrics* from a thread; call what is returned to end it.

    Raises:
        OSError: the port is taken.
    """
    server, thread = start_http_server(port, addr=host, registry=metrics.registry)

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join(timeout=1)

    return stop
