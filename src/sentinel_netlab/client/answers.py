"""
What an answer means for what was sent.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

MAX_RETRY_AFTER_S = 3_600.0
_CONTENT = {400, 413, 415, 422}
_RETRY = {408, 409, 425, 429}


class Outcome(enum.Enum):
    """What to do with what was sent."""

    TAKEN = "taken"
    """It is stored, now or before: forget it."""
    REFUSED = "refused"
    """The content is refused and always will be: put it aside."""
    BARRED = "barred"
    """The sender, or the way, is refused: keep it, and tell people."""
    LATER = "later"
    """Send the same again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """
    An answer, as far as a sender cares.

    Attributes:
        code: of the problem document; "" where there is none.
        retry_after_s: what the controller asks for; None: nothing.
        content: the decoded JSON, None where it is none.
    """

    outcome: Outcome
    status: int
    code: str = ""
    retry_after_s: float | None = None
    content: Any = field(default=None, repr=False)


def read_answer(
    status: int, headers: Mapping[str, str], body: bytes, now: datetime
) -> Answer:
    """What *status*, *headers* (any case) and *body* say at *now*."""
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        content = None
    code = content.get("code", "") if isinstance(content, dict) else ""
    return Answer(
        outcome=_outcome(status),
        status=status,
        code=code if isinstance(code, str) else "",
        retry_after_s=_retry_after_s(headers.get("retry-after"), now),
        content=content,
    )


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome.TAKEN
    if status in _CONTENT:
        return Outcome.REFUSED
    if status in _RETRY or status >= 500:
        return Outcome.LATER
    return Outcome.BARRED


def _retry_after_s(text: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After asks for (RFC 9110, 10.2.3), within an hour."""
    if text is None:
        return None
    try:
        wait_s = float(text) if text.isdigit() else _until(text, now)
    except (ValueError, OverflowError):
        return None
    return min(MAX_RETRY_AFTER_S, max(0.0, wait_s)) if math.isfinite(wait_s) else None


def _until(date: str, now: datetime) -> float:
    moment = parsedate_to_datetime(date)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()
