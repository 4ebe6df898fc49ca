"""
Association flood against one access point.

Trigger:
    More than *threshold_sources* distinct senders of (re)association requests to one
    BSSID inside *window_s* while more than *threshold_rate_frames* come in
    *rate_window_s*; or more than *threshold_full_frames* answers "cannot handle more
    stations" (status 17) inside *full_window_s*.

Source:
    IEEE Std 802.11-2020, 9.3.3.5, 9.3.3.7, table 9-50 (status 17); mdk4 modes ``a``
    and ``e``.

Units:
    Distinct transmitter addresses and frames per window of capture time.

Threshold:
    21 senders in 60 s and 12 requests in 5 s; 5 refusals in 10 s.  The busiest
    benign capture peaks at 3 senders and 3 requests (b10_mixed_long); the weakest
    attack reaches 97 and 28 (a8_eapol_start_flood).

False positives:
    The stations of a large hall that reconnect after an access point starts; they come
    over some seconds and are not new in every second.

Blind spots:
    A slow flood of one request a second that fills the association table in minutes
    shows only when the access point begins to refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.kinds import (
    ASSOC_REQ,
    ASSOC_RESP,
    REASSOC_REQ,
    REASSOC_RESP,
)
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import Case, Sighting, Verdict
from sentinel_netlab.detect.sources import from_run
from sentinel_netlab.detect.windows import Limit, RateWindow

FULL = 17  # IEEE Std 802.11-2020, table 9-50


@dataclass(frozen=True, slots=True)
class AssocFloodParams:
    """Thresholds of WD107."""

    window_s: float = param(60.0, "s", "Window for senders.", least=1, most=3600)
    threshold_sources: int = param(
        21, "senders", "More distinct senders in the window are needed.", least=1
    )
    rate_window_s: float = param(5.0, "s", "Window for the rate.", least=0.1, most=60)
    threshold_rate_frames: int = param(
        12, "frames", "And more requests in that window.", least=1
    )
    full_window_s: float = param(10.0, "s", "Window for refusals.", least=0.1, most=600)
    threshold_full_frames: int = param(
        5, "frames", "More refusals in their window raise an alert by themselves."
    )


class AssocFlood(Detector):
    """WD107."""

    code = "WD107"
    slug = "assoc_flood"
    title = "Association flood"
    severity = Severity.MEDIUM
    attack = "T1499.002"
    kinds = (ASSOC_REQ, ASSOC_RESP, REASSOC_REQ, REASSOC_RESP)
    key_names = ("bssid", "told_by")
    Params = AssocFloodParams

    def __init__(
        self, params: AssocFloodParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        asked = self.params
        self._requests = RateWindow(
            (
                Limit(asked.window_s, asked.threshold_sources, distinct=True),
                Limit(asked.rate_window_s, asked.threshold_rate_frames),
            ),
            quiet_s=self.quiet_s,
            every=True,
        )
        self._refusals = RateWindow(
            (Limit(asked.full_window_s, asked.threshold_full_frames),),
            quiet_s=self.quiet_s,
        )

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting per access point that gets too many, or refuses too many."""
        rows = frames.rows(ASSOC_REQ, REASSOC_REQ)
        rows = rows[frames.receiver[rows] == frames.bssid[rows]]
        keys = (frames.bssid[rows],)
        for run in self._requests.push(frames, rows, keys, frames.transmitter[rows]):
            yield from_run(
                frames,
                run,
                key=(*run.key, "requests"),
                facts={
                    "window_s": self.params.window_s,
                    "threshold_sources": self.params.threshold_sources,
                    "rate_window_s": self.params.rate_window_s,
                    "threshold_rate_frames": self.params.threshold_rate_frames,
                },
                peaks={
                    "peak_sources": run.counts[0],
                    "peak_rate_frames": run.counts[1],
                },
            )
        rows = frames.rows(ASSOC_RESP, REASSOC_RESP)
        rows = rows[frames.status[rows] == FULL]
        for run in self._refusals.push(frames, rows, (frames.bssid[rows],)):
            yield from_run(
                frames,
                run,
                key=(*run.key, "refusals"),
                facts={
                    "full_window_s": self.params.full_window_s,
                    "threshold_full_frames": self.params.threshold_full_frames,
                },
                peaks={"peak_full_frames": run.counts[0]},
            )

    def judge(self, case: Case) -> Verdict:
        """Medium: new stations are kept out, those that are in stay."""
        bssid = format_mac(int(case.key[0]))
        if case.key[1] == "refusals":
            refused = int(case.evidence["peak_full_frames"])
            return Verdict(
                self.severity,
                min(0.95, 0.7 + refused / 100),
                f"Access point {bssid} refuses stations because it is full: up to "
                f"{refused} refusals in {self.params.full_window_s:g} s.",
            )
        sources = int(case.evidence["peak_sources"])
        rate = int(case.evidence["peak_rate_frames"])
        return Verdict(
            self.severity,
            min(0.97, 0.6 + sources / 200),
            f"Access point {bssid} is flooded with association requests: {sources} "
            f"senders in {self.params.window_s:g} s, up to {rate} requests in "
            f"{self.params.rate_window_s:g} s.",
        )
