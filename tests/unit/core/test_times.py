"""Event time as text."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.times import format_time, microseconds, moment


@pytest.mark.parametrize(
    ("time_us", "text"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (1_700_000_000_123_456, "2023-11-14T22:13:20.123456Z"),
        (2**62, "9999-12-31T23:59:59.999999Z"),
        (-(2**62), "0001-01-01T00:00:00.000000Z"),
    ],
)
def test_rfc_3339_with_microseconds(time_us, text):
    """Times of damaged captures become the nearest that can be written."""
    assert format_time(time_us) == text


def test_moment_and_microseconds_are_inverse():
    """Nothing is lost on the way to the database and back."""
    for time_us in (0, 1_700_000_000_123_457, 253_402_300_799_999_999):
        assert microseconds(moment(time_us)) == time_us
