"""
What the controller tells a sensor, read from its answers.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from sentinel_netlab.client.answers import Answer, Outcome
from sentinel_netlab.core.configuration import HeartbeatAnswer, Joined, SensorKey
from sentinel_netlab.core.wire import SENSOR_ID

KEY_BYTES = 32
_T = TypeVar("_T")


def read_heartbeat(answer: Answer) -> HeartbeatAnswer | None:
    """What the controller wants; None: *answer* is no answer to a heartbeat."""
    told = _read(answer, HeartbeatAnswer)
    return told if told is None or _is_key(told.key) else None


def read_joined(answer: Answer) -> Joined | None:
    """Who the sensor is from now on; None: *answer* does not say."""
    joined = _read(answer, Joined)
    if joined is None or not _is_key(joined.key):
        return None
    return joined if SENSOR_ID.fullmatch(joined.sensor_id) else None


def _read(answer: Answer, kind: type[_T]) -> _T | None:
    if answer.outcome is not Outcome.TAKEN:
        return None
    try:
        return msgspec.convert(answer.content, kind)
    except msgspec.ValidationError:
        return None


def _is_key(key: SensorKey | None) -> bool:
    return key is None or (len(key.key) == KEY_BYTES and key.version >= 1)
