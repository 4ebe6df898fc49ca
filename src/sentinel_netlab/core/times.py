"""
Event time as text, and as the server's times.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_US = 253_402_300_799_999_999  # 9999-12-31T23:59:59.999999Z
_FIRST_US = -62_135_596_800_000_000  # 0001-01-01T00:00:00Z


def format_time(time_us: int) -> str:
    """
    *time_us* (µs since 1970) as RFC 3339 with six decimals and ``Z``.

    Times outside the years 1 to 9999 (damaged captures) become the nearest of those.
    """
    text = moment(time_us).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return text.rjust(26, "0") + "Z"


def moment(time_us: int) -> datetime:
    """*time_us* (µs since 1970) as an aware time; bounded as in `format_time`."""
    bounded_us = min(max(time_us, _FIRST_US), _LAST_US)
    return _EPOCH + timedelta(microseconds=bounded_us)


def microseconds(time: datetime) -> int:
    """The aware *time* as µs since 1970."""
    return (time - _EPOCH) // timedelta(microseconds=1)
