"""
The heartbeat: tell how the sensor is, hear what is wanted of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import httpx
import msgspec

from sentinel_netlab.client.answers import Answer, Outcome
from sentinel_netlab.client.wanted import read_heartbeat
from sentinel_netlab.core.configuration import (
    Heartbeat,
    HeartbeatAnswer,
    SensorKey,
)
from sentinel_netlab.core.wire import Health
from sentinel_netlab.sensor.meter import Meter
from sentinel_netlab.sensor.spool import SpoolError
from sentinel_netlab.sensor.wishes import Wishes

PERIOD_S = 10.0


class Client(Protocol):
    """What of `client.sensor.SensorClient` is used here."""

    async def heartbeat(self, report: dict[str, Any]) -> Answer:
        """Send a report."""
        ...


class Heart:
    """
    Beats every `PERIOD_S`, whatever the last answer was.

    Args:
        clock_us: the sensor's clock.
        new_key: is called with a key that is to be used from now on.

    Attributes:
        trouble: why the last beat was not answered; "" if it was.
    """

    def __init__(
        self,
        client: Client,
        meter: Meter,
        wishes: Wishes,
        *,
        clock_us: Callable[[], int],
        new_key: Callable[[SensorKey], None],
    ) -> None:
        self._client = client
        self._meter = meter
        self._wishes = wishes
        self._clock_us = clock_us
        self._new_key = new_key
        self.trouble = "not yet"

    async def run(self) -> None:
        """Beat, until cancelled."""
        while True:
            await self.beat()
            await asyncio.sleep(PERIOD_S)

    async def beat(self) -> None:
        """One report and its answer."""
        state = self._wishes.state
        report = Heartbeat(
            at_us=self._clock_us(),
            config_version=state.config_version,
            config_problem=state.problem,
            policy_version=state.policy_version,
            health=await self._health(),
        )
        sent_us = self._clock_us()
        try:
            answer = await self._client.heartbeat(msgspec.to_builtins(report))
        except httpx.TransportError as error:
            self.trouble = type(error).__name__
            return
        if answer.outcome is not Outcome.TAKEN:
            self.trouble = f"{answer.status} {answer.code}".rstrip()
            return
        told = read_heartbeat(answer)
        if told is None:
            self.trouble = "not an answer of the controller"
            return
        self.trouble = ""
        self._heed(told, sent_us)

    async def _health(self) -> Health | None:
        try:
            return await asyncio.to_thread(self._meter.peek)
        except SpoolError:
            return None  # the disk fails: the controller hears from us all the same

    def _heed(self, told: HeartbeatAnswer, sent_us: int) -> None:
        # The controller's time is that of the middle of the exchange, about.
        middle_us = (sent_us + self._clock_us()) // 2
        self._meter.clock_offset_s = (middle_us - told.time_us) / 1e6
        self._wishes.take(told.desired, told.policy)
        self._meter.config_version = self._wishes.state.config_version
        if told.key is not None:
            self._new_key(told.key)
