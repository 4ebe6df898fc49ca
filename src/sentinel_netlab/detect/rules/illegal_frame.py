"""
Frames that no standard allows.

Trigger:
    More than *threshold_frames* frames of one BSSID inside *window_s* with a reserved
    subtype, a group address or zeros as transmitter, or ToDS or FromDS set on a
    management frame.

Source:
    IEEE Std 802.11-2020, table 9-1 (subtypes), 9.2.4.1.4 (ToDS, FromDS), 9.2.4.3.4
    (a transmitter address is individual).

Units:
    Frames per BSSID and window of capture time.

Threshold:
    20 frames in 10 s.  The busiest benign capture peaks at 7 (hsngccu
    5.SAE_AF_00043); floods from random addresses reach hundreds (a5_auth_flood).

False positives:
    Bit errors in captures without a check sequence; they spread over many invented
    addresses.  A group bit in the transmitter of an RTS signals bandwidth (VHT) and
    is not counted, nor are extension frames.

Blind spots:
    Frames with another protocol version have no address to count them by; they are
    counted as unreadable.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sentinel_netlab.core.addresses import GROUP_BIT, format_mac
from sentinel_netlab.core.alerts import Severity, Subject
from sentinel_netlab.core.frames import FROM_DS, NO_HEADER, TO_DS, Frames, Rows
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import Case, Sighting, Verdict
from sentinel_netlab.detect.sources import from_run, subject_at
from sentinel_netlab.detect.windows import Limit, RateWindow

RESERVED = (0x07, 0x0F, 0x2D)
"""Reserved subtypes of frames with a transmitter (table 9-1)."""

EXAMINED = (*range(0x10), *range(0x20, 0x30))
"""Management and data frames."""

_EXAMINED, _RESERVED, _MANAGEMENT = 1, 2, 4
_WHAT = np.zeros(256, np.uint8)
_WHAT[list(EXAMINED)] |= _EXAMINED
_WHAT[list(RESERVED)] |= _RESERVED
_WHAT[:0x10] |= _MANAGEMENT


@dataclass(frozen=True, slots=True)
class IllegalParams:
    """Thresholds of WD512."""

    window_s: float = param(10.0, "s", "Length of the window.", least=0.1, most=600)
    threshold_frames: int = param(
        20, "frames", "More in the window raise an alert.", least=1
    )


class IllegalFrame(Detector):
    """WD512."""

    code = "WD512"
    slug = "illegal_frame"
    title = "Frames that no standard allows"
    severity = Severity.MEDIUM
    attack = "T1499.004"
    kinds = EXAMINED
    key_names = ("bssid",)
    Params = IllegalParams

    def __init__(
        self, params: IllegalParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        limits = (
            Limit(self.params.window_s, self.params.threshold_frames),
            Limit(self.params.window_s, 1_000_000, distinct=True),
        )
        self._window = RateWindow(limits, quiet_s=self.quiet_s)

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting per network that too many illegal frames are about."""
        rows = _illegal(frames)
        for run in self._window.push(
            frames, rows, (frames.bssid[rows],), frames.transmitter[rows]
        ):
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
        """Medium: a fuzzer, or a probe for weak drivers."""
        return Verdict(
            self.severity,
            min(0.9, 0.5 + 0.01 * case.count),
            f"{case.count} frames about network {format_mac(int(case.key[0]))} are "
            f"such as no standard allows (reserved subtype, impossible address or "
            f"flags), from up to {case.evidence['peak_transmitters']} transmitters.",
        )


def _illegal(frames: Frames) -> Rows:
    what = _WHAT[frames.kind]
    transmitter = frames.transmitter
    illegal = ((transmitter & np.uint64(GROUP_BIT)) != 0) | (transmitter == 0)
    illegal &= (what & _EXAMINED) != 0
    illegal |= (what & _RESERVED) != 0
    distributed = (frames.flags & (TO_DS | FROM_DS)) != 0
    distributed &= (what & _MANAGEMENT) != 0
    illegal |= distributed
    rows = np.flatnonzero(illegal)
    usable: Rows = rows[(frames.malformed[rows] & NO_HEADER) == 0]
    return usable


def _subject(frames: Frames, row: int, key: tuple[int, ...]) -> Subject:
    return subject_at(
        frames, row, bssid=key[0], transmitter=int(frames.transmitter[row])
    )
