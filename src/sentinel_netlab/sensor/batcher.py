"""
What the pipeline finds, put together as batches.

Observations go as their windows end, every 10 s of event time.  An alert goes at once
when it opens, becomes worse or ends; what else changes about it goes with the next
observations.  Only event time decides, so the same frames make the same batches.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Literal

from sentinel_netlab.core.alerts import Alert, Severity
from sentinel_netlab.core.observations import WINDOW_US, Observation
from sentinel_netlab.core.wire import Batch, Health
from sentinel_netlab.sensor.outgoing import (
    alert_change,
    encode,
    observation_record,
)
from sentinel_netlab.sensor.spool import Spool, SpoolError
from sentinel_netlab.sensor.spooled import Fresh, Numbers

MOST_OBSERVATIONS = 1_000
"""In a batch: with the longest names some 600 KiB of JSON, of which 1 MiB may come."""
MOST_ALERTS = 100


class Batcher:
    """
    Fills the spool.

    Args:
        sensor_id: in whose name.
        clock_us: the sensor's clock.
        health: how the sensor is, since it was asked before.

    Attributes:
        refused: why the spool did not take the last batch; "" if it did.
    """

    def __init__(
        self,
        spool: Spool,
        sensor_id: str,
        clock_us: Callable[[], int],
        health: Callable[[], Health],
    ) -> None:
        self._spool = spool
        self._sensor_id = sensor_id
        self._clock_us = clock_us
        self._health = health
        self._sent: dict[str, Severity] = {}
        self._pending: dict[str, Alert] = {}
        self._flushed_us: int | None = None
        self.refused = ""

    def take(
        self, alerts: Sequence[Alert], observations: Sequence[Observation], now_us: int
    ) -> list[Alert]:
        """
        Take in what a block of frames brought; the alerts that opened.

        Args:
            now_us: event time up to which there was something to hear.
        """
        opened = [one for one in alerts if one.id not in self._sent]
        urgent = False
        for alert in alerts:
            self._pending[alert.id] = alert
            urgent |= alert.closed or self._rises(alert)
        if self._flushed_us is None:
            self._flushed_us = now_us
        due = bool(observations) or abs(now_us - self._flushed_us) >= WINDOW_US
        if self._pending and (urgent or due):
            self._flush_alerts()
        if observations:
            self._flush_observations(observations)
        if due:
            self._flushed_us = now_us
        return opened

    def _rises(self, alert: Alert) -> bool:
        """Whether it is new or worse than what the controller was told."""
        told = self._sent.get(alert.id)
        return told is None or alert.severity > told

    def _flush_alerts(self) -> None:
        alerts = list(self._pending.values())
        self._pending.clear()
        for at in range(0, len(alerts), MOST_ALERTS):
            self._keep("alerts", alerts=alerts[at : at + MOST_ALERTS])
        for alert in alerts:
            self._sent[alert.id] = alert.severity
            if alert.closed:
                del self._sent[alert.id]

    def _flush_observations(self, observations: Sequence[Observation]) -> None:
        for at in range(0, len(observations), MOST_OBSERVATIONS):
            part = observations[at : at + MOST_OBSERVATIONS]
            self._keep("observations", observations=part)

    def _keep(
        self,
        lane: Literal["alerts", "observations"],
        *,
        alerts: Sequence[Alert] = (),
        observations: Sequence[Observation] = (),
    ) -> None:
        """Put a batch into the spool, or count what it held as lost."""
        items, health = len(alerts) + len(observations), self._health()

        def make(numbers: Numbers) -> Fresh:
            batch = Batch(
                batch_id=secrets.token_hex(16),
                sensor_id=self._sensor_id,
                epoch=numbers.epoch,
                sequence=numbers.sequence,
                created_us=self._clock_us(),
                lane=lane,
                alerts=[alert_change(one) for one in alerts],
                observations=[
                    observation_record(one, numbers.seq + place)
                    for place, one in enumerate(observations)
                ],
                health=health,
            )
            encoded = encode(batch)
            return Fresh(
                batch.batch_id, encoded.body, encoded.encoding, items, batch.created_us
            )

        try:
            self._spool.append(lane, len(observations), make)
            self.refused = ""
        except SpoolError as error:
            self.refused = str(error)
            self._spool.lose(lane, items)
