"""Channels and frequencies."""

from __future__ import annotations

import numpy as np
import pytest

from sentinel_netlab.decode.links.channels import channels_of, frequency_of


@pytest.mark.parametrize(
    ("mhz", "channel"),
    [
        (2412, 1), (2437, 6), (2472, 13), (2484, 14), (5180, 36), (5825, 165),
        (5955, 1), (6115, 33), (7115, 233), (5935, 2), (4920, 184), (0, 0), (2413, 0),
        (65535, 0),
    ],
)  # fmt: skip
def test_channel_of_a_frequency(mhz, channel):
    """Bands of annex E; other frequencies are of no channel."""
    assert channels_of(np.array([mhz])).tolist() == [channel]


@pytest.mark.parametrize(
    ("channel", "mhz"), [(1, 2412), (14, 2484), (36, 5180), (200, 0)]
)
def test_frequency_of_a_channel(channel, mhz):
    """For headers that say the number only."""
    assert frequency_of(channel) == mhz
