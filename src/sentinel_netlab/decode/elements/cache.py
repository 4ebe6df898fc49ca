"""
Parse each distinct element string once.
"""

from __future__ import annotations

from sentinel_netlab.core.elements import Elements
from sentinel_netlab.decode.elements.walk import parse_elements

Key = tuple[bytes, bool]


class ElementCache:
    """
    Parsed element strings, compared by their bytes.

    Two generations: what was used since the last turnover and what was used in the one
    before.  A flood of distinct strings only turns the generations over; it cannot make
    the cache grow, and what is forgotten is parsed again to an equal value.

    Args:
        max_entries: element strings in one generation.
        max_bytes: bytes of the strings of one generation; what is made of them takes
            about ten times as much.
    """

    def __init__(self, max_entries: int = 8192, max_bytes: int = 4 << 20) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._young: dict[Key, Elements] = {}
        self._old: dict[Key, Elements] = {}
        self._bytes = 0

    def intern(self, raw: bytes, *, truncated: bool = False) -> Elements:
        """The elements of *raw* (`parse_elements`)."""
        key = (raw, truncated)
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key) or parse_elements(raw, truncated=truncated)
            self._keep(key, found)
        return found

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def _keep(self, key: Key, elements: Elements) -> None:
        full = len(self._young) >= self._max_entries
        if full or self._bytes >= self._max_bytes:
            self._old, self._young, self._bytes = self._young, {}, 0
        self._young[key] = elements
        self._bytes += len(key[0])
