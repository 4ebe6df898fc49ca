"""
WPS PIN guessing.

Trigger:
    More than *threshold_failed* WSC exchanges of one pair that end in a NACK, or more
    than *threshold_starts* that get as far as M1, inside *window_s*.

Source:
    Viehböck, "Brute forcing Wi-Fi Protected Setup", 2011; reaver; Wi-Fi Simple
    Configuration 2.0, 7.7 and 8.2.

Units:
    Exchanges per BSSID and station and window of capture time.

Threshold:
    2 failed exchanges or 5 starts in 300 s.  In the benign captures a station
    makes one exchange (b8_wps_enrolment); the attack fails 101 times
    (a13_reaver_wps).

False positives:
    A PIN that is mistyped once or twice.  Push-button enrolment ends well, or once.

Blind spots:
    One guess every few minutes, as after a lock of the access point; offline attacks
    on weak nonces ("pixie dust") need one exchange only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.eapol import WSC_M1, WSC_NACK
from sentinel_netlab.core.frames import RETRY, Frames
from sentinel_netlab.core.kinds import DATA_KINDS
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import (
    Case,
    Mark,
    Sighting,
    Step,
    Verdict,
    mark,
)
from sentinel_netlab.detect.sources import subject_at

MOST_PAIRS = 16_384
MOST_MARKS = 1024


@dataclass(frozen=True, slots=True)
class WpsParams:
    """Thresholds of WD306."""

    window_s: float = param(300.0, "s", "Length of the window.", least=1, most=86400)
    threshold_failed: int = param(
        2, "exchanges", "More failed exchanges raise an alert.", least=1
    )
    threshold_starts: int = param(
        5, "exchanges", "More begun exchanges raise an alert.", least=1
    )


@dataclass(slots=True)
class _Pair:
    """Begun and failed exchanges; whether one is under way that may still fail."""

    starts: deque[Mark] = field(default_factory=deque)
    failed: deque[Mark] = field(default_factory=deque)
    under_way: bool = False


class WpsBruteforce(Detector):
    """WD306."""

    code = "WD306"
    slug = "wps_bruteforce"
    title = "WPS PIN guessing"
    severity = Severity.HIGH
    attack = "T1110.001"
    kinds = DATA_KINDS
    key_names = ("bssid", "station")
    quiet_s = 300.0
    Params = WpsParams

    def __init__(
        self, params: WpsParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        self._window_us = round(self.params.window_s * 1e6)
        self._pairs: dict[tuple[int, int], _Pair] = {}

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting at each exchange that begins or fails."""
        table = frames.eapol
        for place in (table.wsc_message != 0).nonzero()[0].tolist():
            row = int(table.row[place])
            message = int(table.wsc_message[place])
            if message in (WSC_M1, WSC_NACK) and not frames.flags[row] & RETRY:
                yield from self._seen(frames, row, message)

    def judge(self, case: Case) -> Verdict:
        """High: a guessed PIN gives the passphrase."""
        bssid, station = (format_mac(int(part)) for part in case.key)
        failed, starts = (
            int(case.evidence[name]) for name in ("peak_failed", "peak_starts")
        )
        return Verdict(
            self.severity,
            min(0.97, 0.6 + 0.04 * max(failed, starts)),
            f"{station} guesses the WPS PIN of {bssid}: {starts} exchanges, {failed} "
            f"of them failed, in {self.params.window_s:g} s.",
        )

    def _seen(self, frames: Frames, row: int, message: int) -> Iterator[Sighting]:
        bssid = int(frames.bssid[row])
        to_ap = int(frames.receiver[row]) == bssid
        station = int((frames.transmitter if to_ap else frames.receiver)[row])
        pair = self._pairs.pop((bssid, station), None) or _Pair()
        self._pairs[bssid, station] = pair
        if len(self._pairs) > MOST_PAIRS:
            del self._pairs[next(iter(self._pairs))]
        here = mark(frames, row)
        if message == WSC_M1:
            pair.starts.append(here)
            pair.under_way = True
        elif pair.under_way:
            pair.failed.append(here)
            pair.under_way = False
        for marks in (pair.starts, pair.failed):
            while marks and (
                marks[0].elapsed_us <= here.elapsed_us - self._window_us
                or len(marks) > MOST_MARKS
            ):
                marks.popleft()
        failed, starts = len(pair.failed), len(pair.starts)
        yield Step(
            key=(bssid, station),
            here=here,
            proof=lambda: sorted({*pair.starts, *pair.failed, here}),
            subject=lambda: subject_at(
                frames, row, bssid=bssid, station=station, transmitter=station
            ),
            facts={
                "window_s": self.params.window_s,
                "threshold_failed": self.params.threshold_failed,
                "threshold_starts": self.params.threshold_starts,
            },
            peaks={"peak_failed": failed, "peak_starts": starts},
            enough=failed > self.params.threshold_failed
            or starts > self.params.threshold_starts,
        )
