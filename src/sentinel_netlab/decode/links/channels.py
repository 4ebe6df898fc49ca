"""
Channel numbers and frequencies (IEEE Std 802.11-2020, annex E; 6 GHz: 802.11ax-2021).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# First and last frequency in MHz, and the frequency that channel 0 would have.
_RANGES = (
    (2412, 2472, 2407),
    (4910, 4980, 4000),
    (5005, 5925, 5000),
    (5955, 7115, 5950),
)
_SINGLE = {2484: 14, 5935: 2}  # 5935 MHz: operating class 136


def _channel_of(mhz: int) -> int:
    for first, last, zero in _RANGES:
        if first <= mhz <= last and (mhz - zero) % 5 == 0:
            return (mhz - zero) // 5
    return _SINGLE.get(mhz, 0)


_CHANNELS = np.array([_channel_of(mhz) for mhz in range(7200)], np.uint16)


def channels_of(frequency_mhz: NDArray[Any]) -> NDArray[np.uint16]:
    """Channel number of each centre frequency; 0 where it is of no 802.11 channel."""
    inside = np.minimum(frequency_mhz, len(_CHANNELS) - 1)
    channels: NDArray[np.uint16] = _CHANNELS[inside]
    return channels


def frequency_of(channel: int) -> int:
    """MHz of a channel number of 2.4 GHz (1-14) or 5 GHz; 0 of another number."""
    if channel == 14:
        return 2484
    if 1 <= channel <= 13:
        return 2407 + 5 * channel
    return 5000 + 5 * channel if 32 <= channel <= 177 else 0
