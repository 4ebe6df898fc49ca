"""Notices and messages for tests of channels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sentinel_netlab.notify import Message

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, UTC)


def notice(what: str = "raised", **alert: object) -> dict[str, Any]:
    """What the worker posts of one alert."""
    plain = {
        "id": "a" * 32,
        "code": "WD101",
        "title": "Deauthentication flood",
        "severity": "high",
        "description": "64 frames to 02:00:00:00:00:0a",
        "sensor_id": "roof",
        "count": 64,
    }
    return {"what": what, "alert": plain | alert}


def message(*notices: dict[str, Any], name: str = "7") -> Message:
    """A message of *notices*, or of one."""
    return Message(name, "b" * 32, NOW, notices or (notice(),))
