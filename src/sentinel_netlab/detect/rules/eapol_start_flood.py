"""
EAPOL-Start flood against one access point.

Trigger:
    More than *threshold_frames* EAPOL-Start packets to one BSSID inside *window_s*.

Source:
    IEEE Std 802.1X-2020, 11.3; mdk4 mode ``e``; Fortinet WIDS (10 in 1 s), Netgear (5).

Units:
    Packets per window of capture time.

Threshold:
    10 in 1 s, or 30 in 10 s.  No benign capture holds two in 1 s; the
    attack reaches 46 in 1 s (a8c_eapol_start_scripted).

False positives:
    Many stations of an enterprise network that come back at the same moment send one
    to three each; raise the threshold where a BSS serves more than a hundred.

Blind spots:
    Packets inside encrypted data; a flood spread over many BSSIDs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.eapol import START
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.kinds import DATA_KINDS
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import Case, Sighting, Verdict
from sentinel_netlab.detect.sources import from_run
from sentinel_netlab.detect.windows import Limit, RateWindow


@dataclass(frozen=True, slots=True)
class EapolStartParams:
    """Thresholds of WD111."""

    window_s: float = param(1.0, "s", "Length of the window.", least=0.01, most=60)
    threshold_frames: int = param(
        10, "frames", "More in the window raise an alert.", least=1
    )
    long_window_s: float = param(10.0, "s", "The long window.", least=0.1, most=600)
    long_threshold_frames: int = param(
        30, "frames", "More in the long window raise an alert.", least=1
    )


class EapolStartFlood(Detector):
    """WD111."""

    code = "WD111"
    slug = "eapol_start_flood"
    title = "EAPOL-Start flood"
    severity = Severity.MEDIUM
    attack = "T1499.002"
    kinds = DATA_KINDS
    key_names = ("bssid",)
    Params = EapolStartParams

    def __init__(
        self, params: EapolStartParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        limits = (
            Limit(self.params.window_s, self.params.threshold_frames),
            Limit(self.params.long_window_s, self.params.long_threshold_frames),
        )
        self._window = RateWindow(limits, quiet_s=self.quiet_s)

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting per access point that gets too many."""
        if not len(frames.eapol):
            return
        rows = frames.eapol.row[frames.eapol.packet_type == START]
        for run in self._window.push(frames, rows, (frames.bssid[rows],)):
            yield from_run(
                frames,
                run,
                facts={
                    "window_s": self.params.window_s,
                    "threshold_frames": self.params.threshold_frames,
                    "long_window_s": self.params.long_window_s,
                    "long_threshold_frames": self.params.long_threshold_frames,
                },
                peaks={"peak_frames": run.counts[0], "peak_long_frames": run.counts[1]},
            )

    def judge(self, case: Case) -> Verdict:
        """Medium: each packet costs the authenticator an exchange."""
        peak = int(case.evidence["peak_frames"])
        return Verdict(
            self.severity,
            min(0.97, 0.7 + peak / 200),
            f"Access point {format_mac(int(case.key[0]))} is flooded with EAPOL-Start: "
            f"up to {peak} in {self.params.window_s:g} s.",
        )
