"""What a sensor understands of an answer, and what it does not believe."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from sentinel_netlab.client.answers import Answer, read_answer
from sentinel_netlab.client.wanted import read_heartbeat, read_joined
from sentinel_netlab.core.configuration import (
    Configuration,
    Desired,
    DesiredPolicy,
    HeartbeatAnswer,
    Joined,
    SensorKey,
)

KEY = {"version": 2, "key": base64.b64encode(b"k" * 32).decode()}
SHORT = {"version": 2, "key": base64.b64encode(b"k" * 31).decode()}
JOINED = {"sensor_id": "roof-1", "time_us": 7, "key": KEY}


def answer(content: Any, status: int = 200) -> Answer:
    """As it comes over the wire."""
    body = msgspec.json.encode(content)
    return read_answer(status, {}, body, datetime(2026, 7, 1, tzinfo=UTC))


def test_everything_that_is_wanted():
    """It comes back as it was sent."""
    told = HeartbeatAnswer(
        7,
        Desired(3, Configuration([2412], 100)),
        DesiredPolicy(2, "hq", {"network": []}),
        SensorKey(2, b"k" * 32),
    )

    assert read_heartbeat(answer(told)) == told


def test_nothing_is_wanted():
    """The time alone."""
    assert read_heartbeat(answer({"time_us": 7})) == HeartbeatAnswer(7)


def test_joined():
    """Name and key."""
    assert read_joined(answer(JOINED)) == Joined("roof-1", 7, SensorKey(2, b"k" * 32))


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {"time_us": "7"},
        {"time_us": 7, "key": SHORT},
        {"time_us": 7, "key": {**KEY, "version": 0}},
        {"time_us": 7, "key": {**KEY, "key": "not base64"}},
        {"time_us": 7, "desired": {"version": 1, "configuration": {"dwell": 1}}},
    ],
)
def test_what_is_no_answer_to_a_heartbeat(content):
    """A stranger's, or a damaged one: nothing of it is believed."""
    assert read_heartbeat(answer(content)) is None


@pytest.mark.parametrize(
    "content",
    [
        None,
        {**JOINED, "sensor_id": "../etc"},
        {**JOINED, "sensor_id": ""},
        {**JOINED, "key": SHORT},
        {**JOINED, "key": None},
    ],
)
def test_what_makes_nobody_a_sensor(content):
    """An id that is none, a key that is none."""
    assert read_joined(answer(content)) is None


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_refusals_say_nothing(status):
    """Whatever their body is."""
    assert read_joined(answer(JOINED, status)) is None
    assert read_heartbeat(answer({"time_us": 7}, status)) is None
