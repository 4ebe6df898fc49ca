"""
Authentication flood against one access point.

Trigger:
    More than *threshold_sources* distinct senders, or more than *threshold_frames*
    authentication frames, to one BSSID inside *window_s*.  SAE is left to WD113.

Source:
    IEEE Std 802.11-2020, 9.3.3.11 and 11.3; mdk4 mode ``a``; Fortinet WIDS (30 in
    10 s).

Units:
    Distinct transmitter addresses and frames per window of capture time.

Threshold:
    20 senders or 40 frames in 5 s.  The busiest benign captures peak at 9 frames
    (b7_ap_restart) and 3 senders (b10_mixed_long); the weakest attack reaches 50 of
    each (a8_eapol_start_flood).

False positives:
    After an access point starts, all its stations come back at once: some tens, each
    with one or two frames.  Raise *threshold_sources* where a BSS serves hundreds.

Blind spots:
    A flood spread over many BSSIDs; frames on a channel that the radio is not on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.kinds import AUTH
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import Case, Sighting, Verdict
from sentinel_netlab.detect.sources import from_run
from sentinel_netlab.detect.windows import Limit, RateWindow

SAE = 3


@dataclass(frozen=True, slots=True)
class AuthFloodParams:
    """Thresholds of WD106."""

    window_s: float = param(5.0, "s", "Length of the window.", least=0.1, most=600)
    threshold_sources: int = param(
        20, "senders", "More distinct senders in the window raise an alert.", least=1
    )
    threshold_frames: int = param(
        40, "frames", "More frames in the window raise an alert.", least=1
    )


class AuthFlood(Detector):
    """WD106."""

    code = "WD106"
    slug = "auth_flood"
    title = "Authentication flood"
    severity = Severity.MEDIUM
    attack = "T1499.002"
    kinds = (AUTH,)
    key_names = ("bssid",)
    Params = AuthFloodParams

    def __init__(
        self, params: AuthFloodParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        limits = (
            Limit(self.params.window_s, self.params.threshold_frames),
            Limit(self.params.window_s, self.params.threshold_sources, distinct=True),
        )
        self._window = RateWindow(limits, quiet_s=self.quiet_s)

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting per access point that gets too many."""
        rows = frames.rows(AUTH)
        rows = rows[
            (frames.receiver[rows] == frames.bssid[rows])
            & (frames.auth_algorithm[rows] != SAE)
        ]
        keys = (frames.bssid[rows],)
        for run in self._window.push(frames, rows, keys, frames.transmitter[rows]):
            yield from_run(
                frames,
                run,
                facts={
                    "window_s": self.params.window_s,
                    "threshold_frames": self.params.threshold_frames,
                    "threshold_sources": self.params.threshold_sources,
                },
                peaks={"peak_frames": run.counts[0], "peak_sources": run.counts[1]},
            )

    def judge(self, case: Case) -> Verdict:
        """Medium: it wastes the access point's time and table, clients stay."""
        frames = int(case.evidence["peak_frames"])
        sources = int(case.evidence["peak_sources"])
        return Verdict(
            self.severity,
            min(0.97, 0.6 + frames / 400),
            f"Access point {format_mac(int(case.key[0]))} is flooded with "
            f"authentication requests: up to {frames} from {sources} senders in "
            f"{self.params.window_s:g} s.",
        )
