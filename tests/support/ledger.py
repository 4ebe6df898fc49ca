"""Sensors that send everything more than once, and write down what was acknowledged."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import msgspec
from tests.support.batches import NOW_US, alert, client, observation
from tests.support.fleet import Fleet

from sentinel_netlab.client.answers import Outcome
from sentinel_netlab.client.sensor import SensorClient
from sentinel_netlab.client.signer import Signer
from sentinel_netlab.core.times import microseconds
from sentinel_netlab.core.wire import Batch, ObservationRecord, encode_batch

AHEAD = 0.05
"""How far senders may be ahead of the troubles."""
REACH = 8
"""How many places a delivery may be out of order."""
AT_ONCE = 4
ALERT_EVERY = 3
Key = tuple[str, int]


@dataclass
class Sender:
    """
    A sensor.

    Attributes:
        ledger: seq of the observations that were acknowledged.
        answers: how often each status was answered, 0: no answer.
        wrong: answers that nobody should get.
    """

    sensor_id: str
    key: bytes
    batches: list[Batch]
    chance: random.Random
    ledger: set[int] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    async def send_all(self, fleet: Fleet) -> None:
        """Each batch one to three times, nearly in order, several at once."""
        times = [
            (number + self.chance.uniform(0, REACH), number)
            for number in range(len(self.batches))
            for _ in range(self.chance.randint(1, 3))
        ]
        turns = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            for place, (_, number) in enumerate(sorted(times)):
                await fleet.reached(place / len(times) - AHEAD)
                await turns.acquire()
                sent = tasks.create_task(self._deliver(fleet, self.batches[number]))
                sent.add_done_callback(lambda _done: turns.release())

    async def _deliver(self, fleet: Fleet, one: Batch) -> None:
        """Until somebody takes it; sometimes to two at the same time."""
        body = encode_batch(one)
        while True:
            some = min(self.chance.choice((1, 1, 2)), len(fleet.controllers))
            places = self.chance.sample(fleet.controllers, some)
            taken = await asyncio.gather(
                *(self._send(place.url, one.batch_id, body) for place in places)
            )
            if any(taken):
                self.ledger.update(each.seq for each in one.observations)
                return
            await asyncio.sleep(self.chance.uniform(0.05, 0.3))

    async def _send(self, url: str, batch_id: str, body: bytes) -> bool:
        """Whether it was acknowledged."""
        signer = Signer(self.sensor_id, 1, self.key, lambda: datetime.now(UTC))
        try:
            async with SensorClient(url, signer) as to:
                answer = await to.send_batch(batch_id, body, "identity")
        except httpx.TransportError:
            self.answers[0] += 1
            return False
        self.answers[answer.status] += 1
        if answer.outcome in (Outcome.REFUSED, Outcome.BARRED):
            self.wrong.append(f"{answer.status} {answer.code}")
        return answer.outcome is Outcome.TAKEN

    async def forge(self, fleet: Fleet) -> None:
        """Other contents under the key of the first batch: they must go nowhere."""
        first = self.batches[0]
        other = [client(seq=1 << 40, frames=1 << 40)]
        body = encode_batch(msgspec.structs.replace(first, observations=other))
        await self._send(fleet.controllers[0].url, first.batch_id, body)


def batches_of(
    sensor_id: str, count: int, size: int, chance: random.Random, now: datetime
) -> Iterator[Batch]:
    """
    Batches of *size* new observations.

    Each repeats the last observation of the one before it, as a sensor that lost its
    place would, and every `ALERT_EVERY`-th tells of the same alert.
    """
    shift_us = microseconds(now) - NOW_US
    seen: list[ObservationRecord] = []
    for number in range(count):
        fresh = [
            _seen(number * size + place, chance, shift_us) for place in range(size)
        ]
        told = [] if number % ALERT_EVERY else [_alert(sensor_id, number, shift_us)]
        yield Batch(
            f"{chance.getrandbits(128):032x}", sensor_id, "1", number,
            microseconds(now) + number,
            observations=seen[-1:] + fresh,
            alerts=told,
        )  # fmt: skip
        seen = fresh


def _seen(seq: int, chance: random.Random, shift_us: int) -> ObservationRecord:
    """An access point of fifty, or a client of a thousand."""
    common = {
        "window_us": NOW_US + shift_us,
        "first_us": NOW_US + shift_us,
        "last_us": NOW_US + shift_us + chance.randint(0, 9_999_999),
        "frames": chance.randint(1, 1_000),
        "octets": chance.randint(1, 100_000),
    }
    if chance.random() < 0.5:
        address = f"02:00:00:00:00:{chance.randint(0, 49):02x}"
        return observation(seq, transmitter=address, bssid=address, **common)
    return client(seq, f"02:00:01:00:{chance.randint(0, 3):02x}:01", **common)


def _alert(sensor_id: str, number: int, shift_us: int):
    """The state of the sensor's alert at its *number*-th batch."""
    return alert(
        id=sensor_id.encode().hex().rjust(32, "0"),
        first_us=NOW_US + shift_us,
        raised_us=NOW_US + shift_us,
        last_us=NOW_US + shift_us + number,
        count=number + 1,
    )
