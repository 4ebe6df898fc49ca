"""
Floods of deauthentications or disassociations: what WD101 and WD102 share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from sentinel_netlab.core.addresses import BROADCAST, format_mac
from sentinel_netlab.core.alerts import Severity, Subject
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import Case, Sighting, Verdict
from sentinel_netlab.detect.sources import from_run, subject_at
from sentinel_netlab.detect.windows import Limit, RateWindow, Run


@dataclass(frozen=True, slots=True)
class FloodParams:
    """Thresholds of a flood of goodbyes."""

    window_s: float = param(
        1.0, "s", "Length of the short window.", least=0.01, most=60
    )
    threshold_frames: int = param(
        10, "frames", "More of them in the short window raise an alert.", least=1
    )
    long_window_s: float = param(
        10.0, "s", "Length of the long window.", least=0.1, most=600
    )
    long_threshold_frames: int = param(
        29, "frames", "More of them in the long window raise an alert.", least=1
    )


class GoodbyeFlood(Detector):
    """Counts one kind of goodbye frame per BSSID and receiver."""

    severity = Severity.HIGH
    attack = "T1498.001"
    key_names = ("bssid", "receiver")
    Params = FloodParams
    what: ClassVar[str]
    """What the frames are, in words, plural."""

    def __init__(
        self, params: FloodParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        limits = (
            Limit(self.params.window_s, self.params.threshold_frames),
            Limit(self.params.long_window_s, self.params.long_threshold_frames),
        )
        self._window = RateWindow(limits, quiet_s=self.quiet_s)

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """One sighting per BSSID and receiver that gets too many."""
        rows = frames.rows(*self.kinds)
        keys = (frames.bssid[rows], frames.receiver[rows])
        for run in self._window.push(frames, rows, keys):
            yield self._sighting(frames, run)

    def judge(self, case: Case) -> Verdict:
        """High; a flood to all stations is no more certain than one to a single one."""
        bssid, receiver = (int(part) for part in case.key)
        target = "all stations" if receiver == BROADCAST else format_mac(receiver)
        return Verdict(
            self.severity,
            min(0.99, 0.7 + 0.01 * case.count),
            f"{case.count} {self.what} to {target} in the name of network "
            f"{format_mac(bssid)} within {case.span_s:.1f} s ({self._measure(case)}).",
        )

    def _measure(self, case: Case) -> str:
        params, peak = self.params, case.evidence["peak_frames"]
        if peak > params.threshold_frames:
            window_s, limit = params.window_s, params.threshold_frames
        else:
            peak = case.evidence["peak_long_frames"]
            window_s, limit = params.long_window_s, params.long_threshold_frames
        return f"up to {peak} in {window_s:g} s, more than {limit} is a flood"

    def _sighting(self, frames: Frames, run: Run) -> Sighting:
        params = self.params
        facts = {
            "window_s": params.window_s,
            "threshold_frames": params.threshold_frames,
            "long_window_s": params.long_window_s,
            "long_threshold_frames": params.long_threshold_frames,
        }
        peaks = {"peak_frames": run.counts[0], "peak_long_frames": run.counts[1]}
        return from_run(frames, run, _subject, facts=facts, peaks=peaks)


def _subject(frames: Frames, row: int, key: tuple[int, ...]) -> Subject:
    bssid, receiver = key
    transmitter = int(frames.transmitter[row])
    station = transmitter if receiver == bssid else receiver
    # Tools also send goodbyes from the access point to itself.
    known = None if station == bssid else station
    return subject_at(frames, row, bssid=bssid, station=known, transmitter=transmitter)
