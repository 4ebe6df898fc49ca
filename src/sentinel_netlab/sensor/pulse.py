"""
Whether the decoder still gets on.
"""

from __future__ import annotations

MOST_STUCK_S = 60.0
"""What it may take for one block before the agent is called dead."""


class Pulse:
    """
    Counts blocks that are begun and done, in one thread; looked at in another.

    Attributes:
        begun, done: blocks so far.
    """

    def __init__(self) -> None:
        self.begun = self.done = 0
        self._before = (0, 0)
        self._stuck_s = 0.0

    def beats(self, passed_s: float) -> bool:
        """
        Whether the block in hand is taken for less than `MOST_STUCK_S`.

        Args:
            passed_s: seconds since this was asked before.
        """
        now = self.begun, self.done
        is_stuck = now == self._before and self.begun != self.done
        self._stuck_s = self._stuck_s + passed_s if is_stuck else 0.0
        self._before = now
        return self._stuck_s < MOST_STUCK_S
