"""Figures of the agent, as Prometheus reads them."""

from __future__ import annotations

import urllib.request

import msgspec
import pytest
from tests.unit.sensor.test_status import STATUS

from sentinel_netlab.sensor.metrics import metrics_listener


def read(status=STATUS) -> dict[str, float]:
    """What is served."""
    with metrics_listener("127.0.0.1", 0, lambda: status) as port:
        url = f"http://127.0.0.1:{port}/metrics"
        with urllib.request.urlopen(url) as answer:  # of this machine
            lines = answer.read().decode().splitlines()
    return {
        name: float(value)
        for name, _, value in (line.rpartition(" ") for line in lines)
        if not name.startswith("#")
    }


def test_figures_are_those_of_the_status():
    """What waits, what was sent, how the uplink is."""
    found = read()

    assert found["sentinel_sensor_batches_waiting"] == 5
    assert found["sentinel_sensor_batches_sent"] == 3
    assert found['sentinel_sensor_uplink{state="stopped"}'] == 1
    assert found['sentinel_sensor_uplink{state="idle"}'] == 0
    assert found["sentinel_sensor_clock_offset_seconds"] == -0.5


@pytest.mark.parametrize("name", ["temperature_celsius", "memory_bytes"])
def test_what_is_not_known_is_not_there(name):
    """Rather than a zero."""
    assert f"sentinel_sensor_{name}" not in read()
    health = msgspec.structs.replace(STATUS.health, temperature_c=40.0, memory_bytes=1)
    known = msgspec.structs.replace(STATUS, health=health)

    assert f"sentinel_sensor_{name}" in read(known)
