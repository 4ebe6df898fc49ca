"""
Limits of rate that live in memory: token buckets in a bounded table.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

IPV6_PREFIX = 64
"""A subscriber is given at least this: one address of it stands for all."""


class Buckets:
    """
    A token bucket for each key; the longest unused ones are forgotten.

    Args:
        rate_per_s: tokens that come back each second.
        burst: tokens of a full bucket.
        size: most keys that are remembered.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        rate_per_s: float,
        burst: float,
        *,
        size: int = 16_384,
        clock: Callable[[], float],
    ) -> None:
        if rate_per_s <= 0 or burst < 1 or size < 1:
            raise ValueError("a bucket needs a rate, and room for one token")
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._size = size
        self._clock = clock
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._levels)

    def take(self, key: Hashable, tokens: float = 1.0) -> float:
        """Take *tokens*: 0.0, or the seconds after which there will be enough."""
        now_s = self._clock()
        level = self._level(key, now_s)
        wait_s = 0.0
        if level < tokens:
            wait_s = (tokens - level) / self._rate_per_s
        else:
            level -= tokens
        self._levels[key] = (level, now_s)
        self._levels.move_to_end(key)
        if len(self._levels) > self._size:
            self._levels.popitem(last=False)
        return wait_s

    def wait_s(self, key: Hashable, tokens: float = 1.0) -> float:
        """What `take` would give, without taking."""
        level = self._level(key, self._clock())
        return max(0.0, (tokens - level) / self._rate_per_s)

    def _level(self, key: Hashable, now_s: float) -> float:
        level, at_s = self._levels.get(key, (self._burst, now_s))
        return min(self._burst, level + max(0.0, now_s - at_s) * self._rate_per_s)


@dataclass(frozen=True, slots=True)
class AccessLimits:
    """
    Limits of people's requests, beside that of all requests of an address.

    Attributes:
        failures: of refused tokens, by client address: while there are too many, no
            token of that address is looked at.
        credentials: of requests, by token, once it is found to be good.
    """

    failures: Buckets
    credentials: Buckets


def address_key(address: str | None) -> str:
    """What an address is limited by: itself, or its IPv6 network."""
    if address is None or ":" not in address:
        return address or ""
    bare = address.partition("%")[0]
    return str(ipaddress.ip_network((bare, IPV6_PREFIX), strict=False))
