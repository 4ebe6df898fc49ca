"""
What a channel is given to say, and what it must be able to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sentinel_netlab.core.alerts import Severity

TIMEOUT_S = 10.0
"""A channel that takes longer has failed."""


@dataclass(frozen=True, slots=True)
class Message:
    """
    One or, as a digest, several notices of one topic.

    Attributes:
        id: the same when it is sent again, so that a receiver may drop the second.
        topic: id of the incident, or of the alert that is in none.
        notices: what happened, the oldest first: ``what`` (raised, escalated, closed)
            and ``alert``.
    """

    id: str
    topic: str
    created_at: datetime
    notices: tuple[Mapping[str, Any], ...]

    @property
    def severity(self) -> Severity:
        """The worst of them."""
        return max(severity_of(notice) for notice in self.notices)


def severity_of(notice: Mapping[str, Any]) -> Severity:
    """How bad the alert of *notice* is; information if it does not say."""
    try:
        return Severity.parse(str(notice["alert"]["severity"]))
    except (KeyError, TypeError, ValueError):
        return Severity.INFO


class NotifyError(Exception):
    """
    A message that was not said.

    Attributes:
        permanent: saying it again is of no use.
    """

    def __init__(self, text: str, *, permanent: bool = False) -> None:
        super().__init__(text)
        self.permanent = permanent


class Channel(Protocol):
    """
    A way out.

    Attributes:
        name: short and for ever; rows of the outbox carry it.
        quiet_s: least time between two messages of one topic; what comes between is
            one digest.  0: every notice at once, one message each.
        least_severity: alerts below it are none of its business.
    """

    name: str
    quiet_s: float
    least_severity: Severity

    async def send(self, message: Message) -> None:
        """
        Say *message*.

        Raises:
            NotifyError: it was not said.
        """

    async def close(self) -> None:
        """Let go of connections and files."""
