"""
What access points advertise, per BSSID, name and security: shared by several rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sentinel_netlab.core.elements import Elements
from sentinel_netlab.core.frames import CAP_PRIVACY, Advertisement, Frames, Rows
from sentinel_netlab.core.security import WAPI_ID, Security, security_of
from sentinel_netlab.detect.sightings import Mark, marks

MOST_JUDGED = 16_384
HEAD = 5
"""So many frames make most rules believe what they say."""

Network = tuple[int, bytes]
"""BSSID and SSID."""


class View(NamedTuple):
    """
    Beacons and probe responses of one block with one BSSID, SSID and security.

    Attributes:
        rows: their rows, ascending.
        ssid: raw bytes, not hidden.
        capability, elements: of the first of them.
        groups: advertisements of the view, those of a group with the same elements.
        network: BSSID and SSID.
        alone: no other view of the block is of this network.
        head: marks of the first `HEAD` of them.
        last: mark of the last.
    """

    rows: Rows
    bssid: int
    ssid: bytes
    security: Security
    capability: int
    elements: Elements
    groups: tuple[Advertisement, ...]
    network: Network
    alone: bool
    head: list[Mark]
    last: Mark

    def first(self, frames: Frames, wanted: int) -> list[Mark]:
        """Marks of the first *wanted* of the rows."""
        if wanted <= HEAD or len(self.head) < HEAD:
            return self.head[:wanted]
        return marks(frames, self.rows[:wanted])

    def apart(self) -> tuple[View, ...]:
        """A view for each group, for what the security does not tell."""
        if len(self.groups) == 1:
            return (self,)
        return tuple(
            self._replace(
                rows=group.rows,
                capability=group.capability,
                elements=group.elements,
                groups=(group,),
            )
            for group in self.groups
        )


def views(frames: Frames) -> tuple[View, ...]:
    """
    The views of a block by first row; hidden names and damaged elements are left out.
    """
    cached: tuple[View, ...] | None = frames.cached("views")
    if cached is None:
        cached = frames.cache("views", _views(frames))
    return cached


def views_by_security(frames: Frames) -> tuple[tuple[View, ...], ...]:
    """The views of a block apart by security, each kind by first row."""
    cached: tuple[tuple[View, ...], ...] | None = frames.cached("views_by_security")
    if cached is None:
        kinds: dict[int, list[View]] = {}
        for view in views(frames):
            kinds.setdefault(id(view.security), []).append(view)
        cached = tuple(map(tuple, kinds.values()))
        frames.cache("views_by_security", cached)
    return cached


def _views(frames: Frames) -> tuple[View, ...]:
    found: dict[tuple[int, bytes, str], tuple[Security, list[Advertisement]]] = {}
    for group in frames.advertisements:
        elements = group.elements
        ssid = elements.ssid
        if not ssid or not elements.complete or not ssid.strip(b"\0"):
            continue
        security = _security(elements, group.capability)
        if security is None:
            continue
        known = found.setdefault((group.bssid, ssid, security.label), (security, []))
        known[1].append(group)
    if not found:
        return ()
    rows = [_rows(groups) for _, groups in found.values()]
    names = Counter((bssid, ssid) for bssid, ssid, _ in found)
    return tuple(
        View(
            mine,
            bssid,
            ssid,
            security,
            groups[0].capability,
            groups[0].elements,
            tuple(groups),
            (bssid, ssid),
            names[bssid, ssid] == 1,
            *ends,
        )
        for ((bssid, ssid, _), (security, groups)), mine, ends in zip(
            found.items(), rows, _ends(frames, rows), strict=True
        )
    )


def _ends(frames: Frames, rows: list[Rows]) -> Iterator[tuple[list[Mark], Mark]]:
    """The first and the last marks of each of *rows*."""
    sizes = np.array([len(mine) for mine in rows])
    ends = np.cumsum(sizes)
    joined = np.concatenate(rows)
    at = np.arange(len(joined)) - np.repeat(ends - sizes, sizes)
    heads = marks(frames, joined[at < HEAD])
    lasts = marks(frames, joined[ends - 1])
    start = 0
    for size, last in zip(np.minimum(sizes, HEAD).tolist(), lasts, strict=True):
        yield heads[start : start + size], last
        start += size


def _rows(groups: list[Advertisement]) -> Rows:
    if len(groups) == 1:
        return groups[0].rows
    return np.sort(np.concatenate([group.rows for group in groups]))


_judged: dict[tuple[bytes, int, bool], Security | None] = {}
_distinct: dict[Security, Security] = {}
"""What `_security` worked out; bounded, and the same for everybody."""


def _security(elements: Elements, capability: int) -> Security | None:
    """`security_of`, worked out once for all that say the same; equal ones are one."""
    plain = elements.rsn is None and elements.wpa is None
    # WAPI shares its id with an element that `identity` leaves out.
    wapi = plain and WAPI_ID in elements.ids
    key = (elements.identity, capability & CAP_PRIVACY if capability >= 0 else -1, wapi)
    try:
        return _judged[key]
    except KeyError:
        pass
    if len(_judged) >= MOST_JUDGED:
        _judged.clear()
        _distinct.clear()
    security = security_of(elements, capability)
    if security is not None:
        security = _distinct.setdefault(security, security)
    _judged[key] = security
    return security
