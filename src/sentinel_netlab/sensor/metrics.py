"""
Figures of the agent for Prometheus, on a listener of their own, if one is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from sentinel_netlab.sensor.status import Status

STATES = ("starting", "idle", "sending", "retrying", "stopped")


class StatusCollector(Collector):
    """Makes figures of the agent's status whenever somebody asks."""

    def __init__(self, look: Callable[[], Status]) -> None:
        self._look = look

    def collect(self) -> Iterator[Metric]:
        """Each figure."""
        status = self._look()
        health = status.health
        for name, text, value in (
            ("batches_waiting", "Batches in the spool.", status.waiting),
            ("batches_sent", "Batches taken since the start.", status.sent),
            ("batches_aside", "Batches refused since the start.", status.aside),
            ("spool_bytes", "Bytes in the spool.", health.spool_bytes),
            ("spool_age_seconds", "Age of the oldest batch.", health.spool_age_s),
            ("lost_observations", "Dropped from the spool.", health.lost_observations),
            ("lost_alerts", "Dropped from the spool.", health.lost_alerts),
            ("cpu_percent", "Of one core.", health.cpu_percent),
            ("memory_bytes", "Resident.", health.memory_bytes),
            ("temperature_celsius", "Hottest of the machine.", health.temperature_c),
            ("clock_offset_seconds", "To the controller.", health.clock_offset_s),
        ):
            if value is not None:
                yield GaugeMetricFamily(f"sentinel_sensor_{name}", text, value)
        link = GaugeMetricFamily(
            "sentinel_sensor_uplink", "1 for the state of the uplink.", labels=["state"]
        )
        for state in STATES:
            link.add_metric([state], float(state == status.uplink))
        yield link


@contextmanager
def metrics_listener(host: str, port: int, look: Callable[[], Status]) -> Iterator[int]:
    """
    Serve the figures while the block runs; the port.

    Raises:
        OSError: the port is taken.
    """
    registry = CollectorRegistry()
    registry.register(StatusCollector(look))
    server, thread = start_http_server(port, host, registry)
    try:
        yield int(server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
