"""
States of an alert: which is the newer, and what all of them together say.

A sensor sends the state of an alert whenever it changed.  States arrive in any order,
and some more than once; `merge` gives the same for every order and repetition.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from sentinel_netlab.core.wire import AlertChange


@dataclass(frozen=True, slots=True)
class AlertState:
    """
    What is known of an alert.

    Attributes:
        newest: the state whose words count: severity, summary, evidence.
        version: rank of that state; fixed width, greater is newer.
        first_us, raised_us: the least of all states; last_us, count: the greatest.
        closed: one of them was closed.
    """

    newest: AlertChange
    version: str
    first_us: int
    raised_us: int
    last_us: int
    count: int
    closed: bool


def state_of(change: AlertChange) -> AlertState:
    """What *change* alone says."""
    return AlertState(
        newest=change,
        version=version_of(change),
        first_us=change.first_us,
        raised_us=change.raised_us,
        last_us=change.last_us,
        count=change.count,
        closed=change.closed,
    )


def version_of(change: AlertChange) -> str:
    """
    Rank of *change*: 70 digits, by last_us, count, closed, then by contents.

    Contents take part so that no two different states have one rank.
    """
    contents = msgspec.json.encode(change, order="sorted")
    digest = blake2b(contents, digest_size=16).hexdigest()
    return f"{change.last_us:018d}{change.count:019d}{change.closed:d}{digest}"


def merge(one: AlertState, other: AlertState) -> AlertState:
    """What both say of the same alert; commutative, associative, idempotent."""
    newer = max(one, other, key=lambda state: state.version)
    return AlertState(
        newest=newer.newest,
        version=newer.version,
        first_us=min(one.first_us, other.first_us),
        raised_us=min(one.raised_us, other.raised_us),
        last_us=max(one.last_us, other.last_us),
        count=max(one.count, other.count),
        closed=one.closed or other.closed,
    )


def fold(changes: Iterable[AlertChange]) -> list[AlertState]:
    """One state for each alert of *changes*, sorted by id."""
    states: dict[str, AlertState] = {}
    for change in changes:
        state = state_of(change)
        known = states.get(change.id)
        states[change.id] = state if known is None else merge(known, state)
    return [states[name] for name in sorted(states)]
