"""
From packets to the spool: what one thread of the agent does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sentinel_netlab.core.alerts import Alert, Severity
from sentinel_netlab.core.observations import Observation
from sentinel_netlab.decode.block import BlockDecoder
from sentinel_netlab.decode.packets import Packets
from sentinel_netlab.detect import Detector
from sentinel_netlab.sensor.batcher import Batcher
from sentinel_netlab.sensor.evidence import FrameRing
from sentinel_netlab.sensor.meter import Heard
from sentinel_netlab.sensor.pipeline import Changes, Pipeline
from sentinel_netlab.sensor.spool import Spool, SpoolError
from sentinel_netlab.sensor.spooled import Fresh


@dataclass(frozen=True, slots=True)
class Sinks:
    """Where the results go: batches, evidence, and whoever sends them."""

    spool: Spool
    batcher: Batcher
    ring: FrameRing
    wake: Callable[[], None]


class Processor:
    """
    Decodes, detects, surveys, keeps.

    Args:
        sensor_id: goes into the ids of alerts.
        own_ssids: names of the networks that are watched over.
        clock_us: the sensor's clock.
    """

    def __init__(
        self,
        sensor_id: str,
        detectors: Sequence[Detector],
        sinks: Sinks,
        clock_us: Callable[[], int],
        own_ssids: Collection[bytes] = (),
    ) -> None:
        self._sensor_id = sensor_id
        self._sinks = sinks
        self._clock_us = clock_us
        self._decoder = BlockDecoder()
        self._pipeline = self._made(detectors)
        self._wanted: tuple[Sequence[Detector], Collection[bytes]] | None = None
        self._own_ssids = own_ssids
        self._own_mhz: dict[int, int] = {}
        self._alert_mhz: dict[str, int] = {}
        self._favoured: frozenset[int] = frozenset()
        self._lock = threading.Lock()
        self._heard = Heard()

    @property
    def heard(self) -> Heard:
        """Frames so far, of all that was configured."""
        return self._heard

    @property
    def broken(self) -> dict[str, str]:
        """Detectors that failed, and why."""
        return dict(self._pipeline.engine.broken)

    @property
    def favoured(self) -> frozenset[int]:
        """Channels in MHz with own networks or open alerts; from any thread."""
        return self._favoured

    def configure(
        self, detectors: Sequence[Detector], own_ssids: Collection[bytes] = ()
    ) -> None:
        """Look with *detectors* from the next packets on; from any thread."""
        with self._lock:
            self._wanted = detectors, own_ssids

    def take(self, packets: Packets) -> None:
        """Take in packets of one source, in order."""
        self._change()
        frames = self._decoder.decode(packets)
        if not len(frames):
            return
        before = self._pipeline.counts
        known = before.frames, before.bad_fcs, before.malformed
        changes = self._pipeline.feed(frames)
        now = self._pipeline.counts
        self._heard = Heard(
            self._heard.frames + now.frames - known[0],
            0,
            self._heard.bad_fcs + now.bad_fcs - known[1],
            self._heard.malformed + now.malformed - known[2],
        )
        self._sinks.ring.add(frames)
        self._keep(changes, int(frames.elapsed_us[-1]))

    def silent(self, now_us: int) -> None:
        """Nothing was heard until *now_us*, event time."""
        self._change()
        elapsed_us = self._decoder.advance(now_us)
        self._keep(self._pipeline.advance(elapsed_us), elapsed_us)

    def finish(self) -> None:
        """Keep what is still open; the stream has ended."""
        self._keep(self._pipeline.finish(), 0)

    def _made(self, detectors: Sequence[Detector]) -> Pipeline:
        return Pipeline(detectors, sensor=self._sensor_id, inventory=False)

    def _change(self) -> None:
        """Begin with other detectors, if that is wanted; open alerts close."""
        with self._lock:
            wanted, self._wanted = self._wanted, None
        if wanted is not None:
            detectors, self._own_ssids = wanted
            self.finish()
            self._pipeline = self._made(detectors)
            self._own_mhz.clear()

    def _keep(self, changes: Changes, now_us: int) -> None:
        alerts: list[Alert] = changes.alerts
        observations: list[Observation] = changes.observations
        opened = self._sinks.batcher.take(alerts, observations, now_us)
        self._keep_evidence(opened)
        if alerts or observations:
            self._favour(alerts, observations)
            self._sinks.wake()

    def _favour(
        self, alerts: Sequence[Alert], observations: Sequence[Observation]
    ) -> None:
        for alert in alerts:
            if alert.closed:
                self._alert_mhz.pop(alert.id, None)
            elif alert.subject.frequency_mhz and alert.severity > Severity.INFO:
                self._alert_mhz[alert.id] = alert.subject.frequency_mhz
        for one in observations:
            if one.ssid in self._own_ssids and one.frequency_mhz:
                self._own_mhz[one.transmitter] = one.frequency_mhz
        own = list(self._own_mhz.values())
        self._favoured = frozenset((*self._alert_mhz.values(), *own))

    def _keep_evidence(self, opened: Sequence[Alert]) -> None:
        """In one transaction: in a storm each would wait for the disk."""
        spool, now_us = self._sinks.spool, self._clock_us()
        found = [
            Fresh(alert.id, pcapng, "identity", 1, now_us)
            for alert in opened
            if (pcapng := self._sinks.ring.evidence(alert)) is not None
        ]
        if not found:
            return
        try:
            spool.append_all("evidence", found)
        except SpoolError:
            spool.lose("evidence", len(found))
