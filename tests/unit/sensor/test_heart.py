"""What the sensor tells every ten seconds, and what it hears."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import httpx
import msgspec
import pytest
from tests.unit.sensor.test_wishes import ONE, Radio

from sentinel_netlab.client.answers import read_answer
from sentinel_netlab.core.configuration import (
    Configuration,
    Desired,
    HeartbeatAnswer,
    SensorKey,
)
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.core.times import moment
from sentinel_netlab.core.wire import Health
from sentinel_netlab.sensor.heart import Heart
from sentinel_netlab.sensor.spool import SpoolError
from sentinel_netlab.sensor.wishes import State, Wishes

NOW_US = 1_000_000_000


class Body:
    """A heart with everything around it."""

    def __init__(self, status: int, content: bytes, error=None) -> None:
        self.reports, self.keys = [], []
        self.error, self.answer = error, (status, content)
        self.meter = SimpleNamespace(
            peek=lambda: Health(frames=7), clock_offset_s=None, config_version=None
        )
        self.wishes = Wishes(State(Configuration(), Policy()), Radio().apply)
        self.heart = Heart(
            self,
            self.meter,
            self.wishes,
            clock_us=lambda: NOW_US,
            new_key=self.keys.append,
        )

    async def heartbeat(self, report):
        self.reports.append(report)
        if self.error is not None:
            raise self.error
        status, content = self.answer
        return read_answer(status, {}, content, moment(NOW_US))


def beaten(told: HeartbeatAnswer | None = None, status: int = 200, **options) -> Body:
    """A body after one beat."""
    content = b"" if told is None else msgspec.json.encode(told)
    body = Body(status, options.pop("content", content), **options)
    asyncio.run(body.heart.beat())
    return body


def test_report_says_how_the_sensor_is():
    """And with which configuration it works."""
    [report] = beaten(HeartbeatAnswer(NOW_US)).reports

    assert report["at_us"] == NOW_US
    assert report["health"]["frames"] == 7


def test_heart_beats_while_the_disk_fails():
    """Without health, which nobody can read then."""
    body = Body(200, msgspec.json.encode(HeartbeatAnswer(NOW_US)))

    def peek():
        raise SpoolError("disk I/O error")

    body.meter.peek = peek
    asyncio.run(body.heart.beat())

    assert "health" not in body.reports[0]
    assert body.heart.trouble == ""


def test_clock_is_compared():
    """The sensor's clock minus the controller's."""
    body = beaten(HeartbeatAnswer(NOW_US - 2_500_000))

    assert body.meter.clock_offset_s == pytest.approx(2.5)
    assert body.heart.trouble == ""


def test_wish_is_taken():
    """And reported back."""
    body = beaten(HeartbeatAnswer(NOW_US, Desired(3, ONE)))

    assert body.meter.config_version == 3
    asyncio.run(body.heart.beat())
    assert body.reports[-1]["config_version"] == 3


def test_new_key_is_given_on():
    """A rotation needs nobody at the sensor."""
    key = SensorKey(2, b"k" * 32)

    assert beaten(HeartbeatAnswer(NOW_US, key=key)).keys == [key]


@pytest.mark.parametrize(
    ("options", "trouble"),
    [
        ({"error": httpx.ConnectError("no")}, "ConnectError"),
        ({"status": 403, "content": b'{"code": "sensor_disabled"}'},
         "403 sensor_disabled"),
        ({"content": b"<html>"}, "not an answer of the controller"),
        ({"content": b'{"time_us": "soon"}'}, "not an answer of the controller"),
    ],
)  # fmt: skip
def test_trouble_is_kept_in_mind(options, trouble):
    """It is shown, and the next beat comes all the same."""
    assert beaten(**options).heart.trouble == trouble
