"""
How the machine of the sensor is: processor, memory, temperature.
"""

from __future__ import annotations

from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class HostHealth:
    """
    What the agent takes, and how warm the machine is.

    Attributes:
        cpu_percent: of one core, since the look before.
        memory_bytes: resident.
        temperature_c: of the hottest sensor of the processor; None: it has none.
    """

    cpu_percent: float
    memory_bytes: int
    temperature_c: float | None


class Host:
    """Looks at this process and its machine."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        # The first call only begins the measurement.
        self._process.cpu_percent()

    def look(self) -> HostHealth:
        """How it is now."""
        return HostHealth(
            cpu_percent=self._process.cpu_percent(),
            memory_bytes=self._process.memory_info().rss,
            temperature_c=_temperature_c(),
        )


def _temperature_c() -> float | None:
    """The hottest of what the kernel shows."""
    read = getattr(psutil, "sensors_temperatures", None)
    if read is None:
        return None
    try:
        shown = read()
    except OSError:
        return None
    found = [one.current for chip in shown.values() for one in chip]
    return max(found, default=None)
