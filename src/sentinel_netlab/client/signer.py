"""
Sign requests in the name of one sensor.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sentinel_netlab.core.signing import sign_request

NONCE_BYTES = 16
YEARS = range(2000, 2200)
"""What a controller's clock may say: no clock of ours can be brought to others."""


@dataclass
class Signer:
    """
    A sensor's key, and its clock as the controller wants it.

    Attributes:
        clock: aware time.
        offset_s: what is added to the clock when signing, so that a sensor without
            a good clock is heard; never added to the times of events.
    """

    sensor_id: str
    key_version: int
    key: bytes = field(repr=False)
    clock: Callable[[], datetime]
    make_nonce: Callable[[], str] = lambda: secrets.token_urlsafe(NONCE_BYTES)
    offset_s: float = 0.0

    def use(self, key_version: int, key: bytes) -> None:
        """
        Sign with another key from now on.

        Whoever calls it has written the key down before, for the older one opens
        nothing as soon as this one was used.
        """
        self.key_version, self.key = key_version, key

    def headers(
        self,
        method: str,
        target: str,
        body: bytes,
        *,
        idempotency_key: str,
        encoding: str = "identity",
    ) -> dict[str, str]:
        """Headers that sign a request to *target*, path and query, once."""
        return sign_request(
            method,
            target,
            body,
            sensor_id=self.sensor_id,
            key_version=self.key_version,
            key=self.key,
            created=round(self.clock().timestamp() + self.offset_s),
            nonce=self.make_nonce(),
            idempotency_key=idempotency_key,
            encoding=encoding,
        )

    def learn_time(self, date: str) -> bool:
        """Take the controller's ``Date``; False if *date* is no date of our times."""
        try:
            theirs = parsedate_to_datetime(date)
        except (ValueError, OverflowError):
            return False
        if theirs.year not in YEARS:
            return False
        if theirs.tzinfo is None:
            theirs = theirs.replace(tzinfo=UTC)
        self.offset_s = (theirs - self.clock()).total_seconds()
        return True
