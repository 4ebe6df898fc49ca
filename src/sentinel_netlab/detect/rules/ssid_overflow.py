"""
SSID longer than the standard allows.

Trigger:
    A transmitter sends at least *threshold_frames* management frames inside
    *window_s* whose SSID element has one length above 32 bytes, in an element string
    that is otherwise whole.

Source:
    IEEE Std 802.11-2020, 9.4.2.2; Kismet's ``LONGSSID``; WVE-2006-0064 and others.

Units:
    Bytes of the SSID element; frames per window of capture time.

Threshold:
    2 frames in 60 s.  No benign capture holds one; the attack sends 24 in 60 s
    (a21c_malformed_ies).

False positives:
    Bit errors in captures without a check sequence damage a length at random; two
    equal ones in whole strings of one transmitter do not come from that.

Blind spots:
    A single such frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.elements import Elements
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.kinds import (
    ASSOC_REQ,
    BEACON,
    PROBE_REQ,
    PROBE_RESP,
    REASSOC_REQ,
)
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.core.ssid import MAX_SSID_BYTES
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.rules._element_sightings import RecentByKey, concerned
from sentinel_netlab.detect.sightings import Case, Mark, Sighting, Step, Verdict
from sentinel_netlab.detect.sources import subject_at


@dataclass(frozen=True, slots=True)
class SsidOverflowParams:
    """Thresholds of WD502."""

    window_s: float = param(60.0, "s", "Length of the window.", least=0.1, most=3600)
    threshold_frames: int = param(
        2, "frames", "So many in the window raise an alert.", least=1
    )


class SsidOverflow(Detector):
    """WD502."""

    code = "WD502"
    slug = "ssid_overflow"
    title = "SSID longer than 32 bytes"
    severity = Severity.HIGH
    attack = "T1499.004"
    kinds = (ASSOC_REQ, BEACON, PROBE_REQ, PROBE_RESP, REASSOC_REQ)
    key_names = ("transmitter",)
    quiet_s = 60.0
    Params = SsidOverflowParams

    def __init__(
        self, params: SsidOverflowParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        self._window_us = round(self.params.window_s * 1e6)
        self._recent = RecentByKey()

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting at each frame with such an SSID."""
        for found in concerned(frames, self.kinds, _overlong):
            yield self._step(frames, *found)

    def judge(self, case: Case) -> Verdict:
        """High: made to overflow a buffer of the receiver."""
        length = int(case.evidence["peak_ssid_bytes"])
        return Verdict(
            self.severity,
            min(0.95, 0.6 + 0.02 * case.count),
            f"{format_mac(int(case.key[0]))} sends names of {length} bytes, where "
            f"{MAX_SSID_BYTES} are allowed, as exploits of drivers do.",
        )

    def _step(self, frames: Frames, row: int, elements: Elements, here: Mark) -> Step:
        transmitter = int(frames.transmitter[row])
        length = max(len(ssid) for ssid in elements.ssids)
        recent = self._recent.of((transmitter, length))
        count = recent.add(here, self._window_us)
        return Step(
            key=(transmitter,),
            here=here,
            proof=lambda: tuple(recent.marks),
            subject=lambda: subject_at(
                frames,
                row,
                bssid=int(frames.bssid[row]),
                transmitter=transmitter,
            ),
            facts={
                "most_bytes": MAX_SSID_BYTES,
                "window_s": self.params.window_s,
                "threshold_frames": self.params.threshold_frames,
            },
            peaks={"peak_ssid_bytes": length, "peak_frames": count},
            enough=count >= self.params.threshold_frames,
        )


def _overlong(elements: Elements) -> bool:
    if len(b"".join(elements.ssids)) <= MAX_SSID_BYTES:
        return False
    if not any(len(ssid) > MAX_SSID_BYTES for ssid in elements.ssids):
        return False
    return not any(fault.kind == "overrun" for fault in elements.faults)
