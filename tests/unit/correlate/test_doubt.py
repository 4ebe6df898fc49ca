"""Times that nobody believes."""

from __future__ import annotations

import pytest

from sentinel_netlab.correlate.doubt import FUTURE_US, PAST_US, doubt

NOW_US = 1_700_000_000_000_000


@pytest.mark.parametrize(
    ("time_us", "why"),
    [
        (NOW_US, None),
        (NOW_US + FUTURE_US, None),
        (NOW_US + FUTURE_US + 1, "future"),
        (NOW_US - PAST_US, None),
        (NOW_US - PAST_US - 1, "past"),
        (0, "past"),
    ],
)
def test_limits_belong_to_what_is_believed(time_us, why):
    """A day ahead and 400 days back are the last that are."""
    assert doubt(time_us, NOW_US) == why
