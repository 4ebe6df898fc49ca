"""
Reason or status codes that no standard defines.

Trigger:
    A transmitter sends at least *threshold_frames* frames inside *window_s* with a
    reserved reason code (deauthentication, disassociation) or status code
    (authentication, association).

Source:
    IEEE Std 802.11-2020, tables 9-49 (reasons 1 to 71) and 9-50, IEEE Std 802.11be-2024
    for the newest status codes; Kismet's ``DEAUTHCODEINVALID``.

Units:
    Frames per BSSID and transmitter and window of capture time.

Threshold:
    3 frames in 10 s.  No benign capture holds one; the attack reaches 2,074
    (a23_deauth_invalid_reason).

False positives:
    Bit errors in captures without a check sequence; they do not repeat from one
    address.  Protected frames are left out: their body is cipher text.

Blind spots:
    Codes that are defined but make no sense where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Severity, Subject
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.kinds import (
    ASSOC_RESP,
    AUTH,
    DEAUTH,
    DISASSOC,
    REASSOC_RESP,
)
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import Case, Sighting, Verdict
from sentinel_netlab.detect.sources import from_run, subject_at
from sentinel_netlab.detect.windows import Limit, RateWindow

LAST_REASON = 71  # IEEE Std 802.11-2020, table 9-49; 0 is reserved
LAST_STATUS = 140  # IEEE Std 802.11be-2024, table 9-78


@dataclass(frozen=True, slots=True)
class InvalidReasonParams:
    """Thresholds of WD504."""

    window_s: float = param(10.0, "s", "Length of the window.", least=0.1, most=600)
    threshold_frames: int = param(
        3, "frames", "So many in the window raise an alert.", least=1
    )


class InvalidReason(Detector):
    """WD504."""

    code = "WD504"
    slug = "invalid_reason"
    title = "Undefined reason or status code"
    severity = Severity.MEDIUM
    attack = "T1499.004"
    kinds = (ASSOC_RESP, AUTH, DEAUTH, DISASSOC, REASSOC_RESP)
    key_names = ("bssid", "transmitter")
    Params = InvalidReasonParams

    def __init__(
        self, params: InvalidReasonParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        limit = Limit(self.params.window_s, self.params.threshold_frames - 1)
        self._window = RateWindow((limit,), quiet_s=self.quiet_s)

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting per transmitter of such codes."""
        rows = frames.rows(*self.kinds)
        reason, status = frames.reason[rows], frames.status[rows]
        rows = rows[(reason > LAST_REASON) | (reason == 0) | (status > LAST_STATUS)]
        keys = (frames.bssid[rows], frames.transmitter[rows])
        for run in self._window.push(frames, rows, keys):
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
                    "highest_code": np.maximum(
                        frames.reason[run.rows], frames.status[run.rows]
                    ),
                },
            )

    def judge(self, case: Case) -> Verdict:
        """Medium: a tool's trace, or a probe for weak drivers."""
        bssid, transmitter = (format_mac(int(part)) for part in case.key)
        return Verdict(
            self.severity,
            min(0.95, 0.6 + 0.02 * case.count),
            f"{case.count} frames of {transmitter} about network {bssid} carry a "
            f"reason or status code that is not defined (up to "
            f"{case.evidence['highest_code']}).",
        )


def _subject(frames: Frames, row: int, key: tuple[int, ...]) -> Subject:
    bssid, transmitter = key
    receiver = int(frames.receiver[row])
    station = transmitter if receiver == bssid else receiver
    return subject_at(
        frames, row, bssid=bssid, station=station, transmitter=transmitter
    )
