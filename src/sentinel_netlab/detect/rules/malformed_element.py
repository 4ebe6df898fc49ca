"""
Management frames whose information elements run past their end.

Trigger:
    More than *threshold_frames* management frames on one channel inside *window_s* in
    which an element announces more bytes than the frame has.  Frames that the capture
    cut, or whose check sequence was wrong, do not count.

Source:
    IEEE Std 802.11-2020, 9.4.2.1: an element lies inside its frame; mdk4 mode ``f``.

Units:
    Frames and distinct transmitters per channel and window of capture time.  Fuzzers
    invent transmitters, so these are not counted apart.

Threshold:
    10 frames in 10 s.  The busiest benign captures hold none; the weakest attack
    reaches 33 (a21c_malformed_ies).

False positives:
    Bit errors in captures without a check sequence; they are rarer by far.

Blind spots:
    A single malformed frame, which is enough for many exploits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sentinel_netlab.core.alerts import Severity, Subject
from sentinel_netlab.core.elements import Elements
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import Case, Sighting, Verdict
from sentinel_netlab.detect.sources import from_run, subject_at
from sentinel_netlab.detect.windows import Limit, RateWindow

MANAGEMENT = tuple(range(0x10))


@dataclass(frozen=True, slots=True)
class MalformedParams:
    """Thresholds of WD501."""

    window_s: float = param(10.0, "s", "Length of the window.", least=0.1, most=600)
    threshold_frames: int = param(
        10, "frames", "More in the window raise an alert.", least=1
    )


class MalformedElement(Detector):
    """WD501."""

    code = "WD501"
    slug = "malformed_element"
    title = "Elements that run past their frame"
    severity = Severity.MEDIUM
    attack = "T1499.004"
    kinds = MANAGEMENT
    key_names = ("channel", "frequency_mhz")
    Params = MalformedParams

    def __init__(
        self, params: MalformedParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        window_s = self.params.window_s
        limits = (
            Limit(window_s, self.params.threshold_frames),
            Limit(window_s, 1_000_000, distinct=True),
        )
        self._window = RateWindow(limits, quiet_s=self.quiet_s)

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting per channel with too many malformed frames."""
        found = [*map(_overruns, frames.element_sets)]
        if True not in found:
            return
        broken = np.array(found, np.bool_)
        rows = frames.rows(*MANAGEMENT)
        rows = rows[(frames.elements[rows] >= 0) & ~frames.snapped[rows]]
        rows = rows[broken[frames.elements[rows]]]
        keys = (frames.channel[rows], frames.frequency_mhz[rows])
        for run in self._window.push(frames, rows, keys, frames.transmitter[rows]):
            yield from_run(
                frames,
                run,
                _subject,
                facts={
                    "window_s": self.params.window_s,
                    "threshold_frames": self.params.threshold_frames,
                },
                peaks={
                    "peak_frames": run.counts[0],
                    "peak_transmitters": run.counts[1],
                },
            )

    def judge(self, case: Case) -> Verdict:
        """Medium: someone tries what receivers make of it."""
        return Verdict(
            self.severity,
            min(0.95, 0.6 + 0.002 * case.count),
            f"{case.count} management frames on channel {case.key[0]!s} have elements "
            f"that run past their end, from up to "
            f"{case.evidence['peak_transmitters']} transmitters in "
            f"{self.params.window_s:g} s: somebody fuzzes the receivers.",
        )


def _overruns(elements: Elements) -> bool:
    if not elements.faults:
        return False
    return any(fault.kind == "overrun" for fault in elements.faults)


def _subject(frames: Frames, row: int, _: tuple[int, ...]) -> Subject:
    bssid, transmitter = int(frames.bssid[row]), int(frames.transmitter[row])
    return subject_at(frames, row, bssid=bssid, transmitter=transmitter)
