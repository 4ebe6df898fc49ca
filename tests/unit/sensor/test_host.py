"""How the machine of the sensor is."""

from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from sentinel_netlab.sensor.host import Host


def test_process_is_measured():
    """Memory is that of this process, and the processor's share is a number."""
    seen = Host().look()

    assert seen.memory_bytes > 1 << 20
    assert seen.cpu_percent >= 0


@pytest.mark.parametrize(
    ("shown", "hottest"),
    [
        ({}, None),
        ({"cpu": [40.0, 61.5], "nvme": [50.0]}, 61.5),
    ],
)
def test_hottest_counts(monkeypatch, shown, hottest):
    """A machine without sensors says nothing."""
    chips = {
        name: [SimpleNamespace(current=value) for value in values]
        for name, values in shown.items()
    }
    monkeypatch.setattr(psutil, "sensors_temperatures", lambda: chips, raising=False)

    assert Host().look().temperature_c == hottest
