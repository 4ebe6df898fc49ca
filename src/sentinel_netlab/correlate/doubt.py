"""
Event times that cannot be: a sensor's clock was wrong, or somebody lies.
"""

from __future__ import annotations

from typing import Literal

Doubt = Literal["future", "past"]
FUTURE_US = 86_400 * 1_000_000
"""A day: more than any time zone set wrong."""
PAST_US = 400 * 86_400 * 1_000_000
"""Longer than alerts are kept; a clock without battery begins in 1970."""


def doubt(time_us: int, received_us: int) -> Doubt | None:
    """Why an event of *time_us*, received at *received_us*, is not believed."""
    if time_us > received_us + FUTURE_US:
        return "future"
    if time_us < received_us - PAST_US:
        return "past"
    return None
