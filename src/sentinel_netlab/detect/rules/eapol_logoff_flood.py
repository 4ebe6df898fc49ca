"""
EAPOL-Logoff in the name of a station, again and again.

Trigger:
    More than *threshold_frames* EAPOL-Logoff packets of one station to one BSSID
    inside *window_s*.

Source:
    IEEE Std 802.1X-2020, 11.3 and 8.5; mdk4 mode ``e -l``.

Units:
    Packets per window of capture time.

Threshold:
    5 in 10 s.  No benign capture holds any; the attack reaches 190 in 10 s
    (a8b_eapol_logoff).

False positives:
    A station logs off once when it leaves; supplicants of Linux and Windows send at
    most a few in a row.

Blind spots:
    A single forged logoff ends a session of an enterprise network just as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Severity, Subject
from sentinel_netlab.core.eapol import LOGOFF
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.kinds import DATA_KINDS
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import Case, Sighting, Verdict
from sentinel_netlab.detect.sources import from_run, subject_at
from sentinel_netlab.detect.windows import Limit, RateWindow


@dataclass(frozen=True, slots=True)
class EapolLogoffParams:
    """Thresholds of WD112."""

    window_s: float = param(10.0, "s", "Length of the window.", least=0.1, most=600)
    threshold_frames: int = param(
        5, "frames", "More in the window raise an alert.", least=1
    )


class EapolLogoffFlood(Detector):
    """WD112."""

    code = "WD112"
    slug = "eapol_logoff_flood"
    title = "EAPOL-Logoff flood"
    severity = Severity.MEDIUM
    attack = "T1499.002"
    kinds = DATA_KINDS
    key_names = ("bssid", "station")
    Params = EapolLogoffParams

    def __init__(
        self, params: EapolLogoffParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        limit = Limit(self.params.window_s, self.params.threshold_frames)
        self._window = RateWindow((limit,), quiet_s=self.quiet_s)

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting per station in whose name too many are sent."""
        if not len(frames.eapol):
            return
        rows = frames.eapol.row[frames.eapol.packet_type == LOGOFF]
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
                peaks={"peak_frames": run.counts[0]},
            )

    def judge(self, case: Case) -> Verdict:
        """Medium: the station loses its 802.1X session."""
        bssid, station = (format_mac(int(part)) for part in case.key)
        return Verdict(
            self.severity,
            min(0.95, 0.6 + case.count / 200),
            f"Station {station} is logged off from {bssid} again and again: "
            f"{case.count} EAPOL-Logoff packets in {case.span_s:.1f} s.",
        )


def _subject(frames: Frames, row: int, key: tuple[int, ...]) -> Subject:
    return subject_at(frames, row, bssid=key[0], station=key[1], transmitter=key[1])
