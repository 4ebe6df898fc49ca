"""
What goes into the spool, and what comes out of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Lane = Literal["alerts", "observations", "evidence"]
LANES: tuple[Lane, ...] = ("alerts", "observations", "evidence")
"""The first is sent first; a full spool drops from the last one first."""


@dataclass(frozen=True, slots=True)
class Kept:
    """
    A batch in the spool.

    Attributes:
        batch_id: its idempotency key; of evidence, the alert's id.
        items: observations or alerts in it; 1 of evidence.
        created_us: the sensor's clock when it was made.
        aside: why the controller refused it; None: it waits.
    """

    batch_id: str
    lane: Lane
    body: bytes = field(repr=False)
    encoding: str
    items: int
    created_us: int
    aside: str | None = None


@dataclass(frozen=True, slots=True)
class Fresh:
    """What `append` is given to keep."""

    batch_id: str
    body: bytes = field(repr=False)
    encoding: str
    items: int
    created_us: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """
    Numbers that a new batch may use.

    Attributes:
        epoch: of this spool.
        sequence: of the batch in its lane.
        seq: of its first observation; the next ones follow.
    """

    epoch: str
    sequence: int
    seq: int


@dataclass(frozen=True, slots=True)
class Fill:
    """
    What the spool holds and has lost.

    Attributes:
        waiting, aside: batches.
        size_bytes: of all of them, about.
        oldest_us: when the oldest that waits was made; None: none waits.
        lost_observations, lost_alerts, lost_evidence: dropped since the epoch began.
    """

    waiting: int
    aside: int
    size_bytes: int
    oldest_us: int | None
    lost_observations: int
    lost_alerts: int
    lost_evidence: int
