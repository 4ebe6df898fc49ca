"""
Severities as the store holds them: lower-case words, and upper-case in adopted rows.
"""

from __future__ import annotations

import sqlalchemy as sa

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.store.reading.keyset import Order, Section


def at_least(column: sa.Column[str], least: Severity) -> sa.ColumnElement[bool]:
    """Whether a severity is *least* or worse; every row is of INFO at least."""
    if least == Severity.INFO:
        return sa.true()
    return column.in_(
        [word for rank in Severity if rank >= least for word in _words(rank)]
    )


def by_severity(
    severity: sa.Column[str],
    seen: sa.Column[str],
    unique: sa.Column[str],
    *,
    descending: bool,
) -> Order:
    """By rank, then by *seen*; what has no known rank or no *seen* stands last."""
    words = [word for rank in Severity for word in _words(rank)]
    if descending:
        words.reverse()
    there = seen.is_not(None)
    sections = [Section((seen, unique), (severity == word) & there) for word in words]
    others = severity.is_(None) | severity.not_in(words) | seen.is_(None)
    return Order((*sections, Section((unique,), others)), descending)


def _words(rank: Severity) -> tuple[str, str]:
    return rank.word, rank.name
