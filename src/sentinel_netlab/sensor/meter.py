"""
How the sensor is, put together from all of its parts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sentinel_netlab import __version__
from sentinel_netlab.core.wire import Health
from sentinel_netlab.sensor.host import Host
from sentinel_netlab.sensor.spool import Spool

MOST_TEXT = 64
"""Characters of a text in `Health` (`core.wire`)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """
    Totals of what was captured since the start.

    Attributes:
        dropped: frames that the kernel had no room for.
    """

    frames: int = 0
    dropped: int = 0
    bad_fcs: int = 0
    malformed: int = 0

    def since(self, before: Heard) -> Heard:
        """What came after *before*."""
        return Heard(
            self.frames - before.frames,
            self.dropped - before.dropped,
            self.bad_fcs - before.bad_fcs,
            self.malformed - before.malformed,
        )


class Meter:
    """
    Asked for by batches, heartbeats and the status; from any thread.

    Args:
        heard: gives totals that never fall.
        blind_s: gives seconds of blindness by channel since it was asked before.
        state: gives how the interfaces are, in a few words.
        clock_us: the sensor's clock.

    Attributes:
        interface, clock_offset_s, config_version: set by who knows.
    """

    def __init__(
        self,
        spool: Spool,
        host: Host,
        *,
        heard: Callable[[], Heard],
        blind_s: Callable[[], Mapping[int, float]],
        state: Callable[[], str],
        clock_us: Callable[[], int],
    ) -> None:
        self._spool = spool
        self._host = host
        self._heard = heard
        self._blind_s = blind_s
        self._state = state
        self._clock_us = clock_us
        self._lock = threading.Lock()
        self._told = Heard()
        self._blind: dict[int, float] = {}
        self.interface = ""
        self.clock_offset_s: float | None = None
        self.config_version: int | None = None

    def take(self) -> Health:
        """How it is, and what was counted since this was called before."""
        with self._lock:
            now = self._heard()
            counted, self._told = now.since(self._told), now
            self._look_for_blindness()
            blind, self._blind = self._blind, {}
        return self._health(counted, blind)

    def peek(self) -> Health:
        """The same, without ending what is counted."""
        with self._lock:
            self._look_for_blindness()
            return self._health(self._heard().since(self._told), self._blind)

    def _look_for_blindness(self) -> None:
        for mhz, seconds in self._blind_s().items():
            self._blind[mhz] = self._blind.get(mhz, 0.0) + seconds

    def _health(self, counted: Heard, blind: Mapping[int, float]) -> Health:
        fill, host = self._spool.fill(), self._host.look()
        age_s = 0.0
        if fill.oldest_us is not None:
            age_s = max(0.0, (self._clock_us() - fill.oldest_us) / 1e6)
        return Health(
            version=__version__,
            interface=self.interface[:MOST_TEXT],
            interface_state=self._state()[:MOST_TEXT],
            frames=counted.frames,
            dropped_frames=counted.dropped,
            bad_fcs_frames=counted.bad_fcs,
            malformed_frames=counted.malformed,
            spool_bytes=fill.size_bytes,
            spool_age_s=age_s,
            lost_observations=fill.lost_observations,
            lost_alerts=fill.lost_alerts,
            cpu_percent=host.cpu_percent,
            memory_bytes=host.memory_bytes,
            temperature_c=host.temperature_c,
            clock_offset_s=self.clock_offset_s,
            config_version=self.config_version,
            blind_s={str(mhz): round(seconds, 3) for mhz, seconds in blind.items()},
        )
