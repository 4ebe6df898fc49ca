"""
What the routes of sensors need beside the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sentinel_netlab.controller.ingest.pressure import Pressure
from sentinel_netlab.controller.limits import Buckets
from sentinel_netlab.core.inflate import MAX_INFLATED_BYTES, MAX_RATIO
from sentinel_netlab.core.signing import Keyring

MAX_BODY_BYTES = 1 << 20
DECODED_AT_ONCE = 4
"""Large batches decoded at the same time: each may take 16 MiB and some objects."""


@dataclass(frozen=True, slots=True)
class InflateLimits:
    """
    What a body may become.

    Attributes:
        content_bytes: after decompression.
        ratio: bytes after decompression for each byte before.
    """

    content_bytes: int = MAX_INFLATED_BYTES
    ratio: int = MAX_RATIO


@dataclass(slots=True, kw_only=True)
class Ingest:
    """
    Keys, limits and clocks.

    Attributes:
        address_limit: of requests, by client address, before anything else.
        sensor_limit: of requests, by sensor, after a good signature.
        join_limit: of attempts to join, by client address.
        clock: aware time.
    """

    keys: Keyring
    address_limit: Buckets
    sensor_limit: Buckets
    join_limit: Buckets
    pressure: Pressure
    clock: Callable[[], datetime]
    max_body_bytes: int = MAX_BODY_BYTES
    inflating: InflateLimits = InflateLimits()
    decoding: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(DECODED_AT_ONCE)
    )
