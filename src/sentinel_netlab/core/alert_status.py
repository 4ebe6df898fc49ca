"""
What people do about an alert, and what it may become by that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Action = Literal["acknowledge", "resolve", "reopen"]
Resolution = Literal["resolved", "false_positive"]
OPEN, ACKNOWLEDGED = "open", "acknowledged"
RESOLUTIONS: tuple[Resolution, ...] = ("resolved", "false_positive")
STATUSES = (OPEN, ACKNOWLEDGED, *RESOLUTIONS)

FROM: Mapping[Action, tuple[str, ...]] = {
    "acknowledge": (OPEN,),
    "resolve": (OPEN, ACKNOWLEDGED),
    "reopen": (ACKNOWLEDGED, *RESOLUTIONS),
}
"""In which statuses each action is possible."""


def status_after(
    status: str | None, action: Action, resolution: Resolution = "resolved"
) -> str | None:
    """
    The status of an alert after *action*; None: it is not possible now.

    A status that is none of ours (an older version's) is open.
    """
    known = status if status in STATUSES else OPEN
    if known not in FROM[action]:
        return None
    became = {"acknowledge": ACKNOWLEDGED, "resolve": resolution, "reopen": OPEN}
    return became[action]
