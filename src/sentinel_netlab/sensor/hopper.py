"""
Which channel a radio listens to next, and how long each was not listened to.

Nothing here tunes a radio or reads a clock: the agent asks, tunes, and tells.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

FAVOUR = 4
"""A favoured channel is listened to so many times as long as the others."""
STRIDE_MHZ = 25
"""Channels next to each other overlap (2.4 GHz): the next one should be as far away."""


@dataclass(frozen=True, slots=True)
class Visit:
    """
    A stay on a channel.

    Attributes:
        frequency_mhz: centre of the 20 MHz channel.
        dwell_s: how long.
    """

    frequency_mhz: int
    dwell_s: float


class Hopper:
    """
    Goes through all channels again and again; each comes once in a round.

    So none starves: a round takes at most as long as if all channels were favoured.

    Args:
        frequencies_mhz: at least one; repeated ones count once.
        dwell_ms: time on a channel that is not favoured.
        radio, radios: number of this radio, from 0, among those that share the work;
            they begin at different channels.
    """

    def __init__(
        self,
        frequencies_mhz: Sequence[int],
        *,
        dwell_ms: int,
        radio: int = 0,
        radios: int = 1,
    ) -> None:
        if not frequencies_mhz:
            raise ValueError("a radio needs a channel to listen to")
        self.order = spread(frequencies_mhz)
        self._dwell_s = dwell_ms / 1000
        self._next = len(self.order) * radio // max(1, radios) % len(self.order)

    @property
    def hops(self) -> bool:
        """Whether there is more than one channel."""
        return len(self.order) > 1

    def next(self, favoured: Collection[int] = ()) -> Visit:
        """
        The next stay.

        Args:
            favoured: channels with own networks or open alerts, in MHz.
        """
        frequency_mhz = self.order[self._next]
        self._next = (self._next + 1) % len(self.order)
        share = FAVOUR if frequency_mhz in favoured else 1
        return Visit(frequency_mhz, self._dwell_s * share)


def spread(frequencies_mhz: Sequence[int]) -> list[int]:
    """
    Each channel once, neighbours apart: 1, 6, 11, 2, 7, 12 …

    What leaks from a channel into the next ones is then not heard three times in a row.
    """
    left = sorted(set(frequencies_mhz))
    found: list[int] = []
    while left:
        far = [one for one in left if not found or one - found[-1] >= STRIDE_MHZ]
        found.append((far or left)[0])
        left.remove(found[-1])
    return found


class BlindTime:
    """
    How long each channel of a plan was not listened to.

    Args:
        frequencies_mhz: the channels of the plan.
        now_s: when it begins, in seconds of a clock that only goes forward.
    """

    def __init__(self, frequencies_mhz: Collection[int], now_s: float) -> None:
        self._listened_s = dict.fromkeys(frequencies_mhz, 0.0)
        self._began_s = self._since_s = now_s
        self._tuned: set[int] = set()

    def tuned(self, frequencies_mhz: Collection[int], now_s: float) -> None:
        """From now on the radios are on these channels; none: nobody listens."""
        self._count(now_s)
        self._tuned = set(frequencies_mhz)

    def report(self, now_s: float) -> dict[int, float]:
        """Seconds of blindness by channel since the last report, which begins anew."""
        self._count(now_s)
        whole_s = now_s - self._began_s
        blind = {
            mhz: round(max(0.0, whole_s - heard_s), 3)
            for mhz, heard_s in self._listened_s.items()
        }
        self._listened_s = dict.fromkeys(self._listened_s, 0.0)
        self._began_s = now_s
        return blind

    def _count(self, now_s: float) -> None:
        for mhz in self._tuned & self._listened_s.keys():
            self._listened_s[mhz] += now_s - self._since_s
        self._since_s = now_s
