"""
SSID with format directives.

Trigger:
    A transmitter sends at least *threshold_frames* management frames inside
    *window_s* with an SSID that contains ``%s``, ``%n``, ``%p`` or ``%@``.

Source:
    CVE-2021-30800 (iOS ``%p%s%s%s%s%n``, June 2021): a client logs the name as a format
    string.

Units:
    Frames per window of capture time.

Threshold:
    2 frames in 60 s.  No capture holds one; the scenario is made by hand.

False positives:
    A percent sign behind a digit ("100%natural") is prose, unless several directives
    stand in the name.

Blind spots:
    Other directives, and names in protected frames.
"""

from __future__ import annotations

import re
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
from sentinel_netlab.core.ssid import display_ssid
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.rules._element_sightings import RecentByKey, concerned
from sentinel_netlab.detect.sightings import Case, Mark, Sighting, Step, Verdict
from sentinel_netlab.detect.sources import subject_at

DIRECTIVE = re.compile(rb"%[-+#0-9.*$hlqz]*[snp@]")
PROSE = re.compile(rb"[0-9]%")


@dataclass(frozen=True, slots=True)
class FormatParams:
    """Thresholds of WD505."""

    window_s: float = param(60.0, "s", "Length of the window.", least=0.1, most=3600)
    threshold_frames: int = param(
        2, "frames", "So many in the window raise an alert.", least=1
    )


class SsidFormatString(Detector):
    """WD505."""

    code = "WD505"
    slug = "ssid_format_string"
    title = "SSID with format directives"
    severity = Severity.MEDIUM
    attack = "T1499.004"
    kinds = (ASSOC_REQ, BEACON, PROBE_REQ, PROBE_RESP, REASSOC_REQ)
    key_names = ("transmitter", "ssid")
    quiet_s = 60.0
    Params = FormatParams

    def __init__(
        self, params: FormatParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        self._window_us = round(self.params.window_s * 1e6)
        self._recent = RecentByKey()

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting at each frame with such an SSID."""
        for found in concerned(frames, self.kinds, _has_directives):
            yield self._step(frames, *found)

    def judge(self, case: Case) -> Verdict:
        """Medium; more directives leave less doubt."""
        transmitter, ssid = case.key
        name = display_ssid(ssid) if isinstance(ssid, bytes) else str(ssid)
        return Verdict(
            self.severity,
            min(0.95, 0.5 + 0.1 * int(case.evidence["directives"])),
            f"{format_mac(int(transmitter))} uses the name {name!r}, whose format "
            f"directives crash clients that print it carelessly.",
        )

    def _step(self, frames: Frames, row: int, elements: Elements, here: Mark) -> Step:
        transmitter, ssid = int(frames.transmitter[row]), elements.ssid or b""
        recent = self._recent.of((transmitter, ssid))
        count = recent.add(here, self._window_us)
        return Step(
            key=(transmitter, ssid),
            here=here,
            proof=lambda: tuple(recent.marks),
            subject=lambda: subject_at(
                frames,
                row,
                bssid=int(frames.bssid[row]),
                ssid=ssid,
                transmitter=transmitter,
            ),
            facts={
                "directives": len(DIRECTIVE.findall(ssid)),
                "window_s": self.params.window_s,
                "threshold_frames": self.params.threshold_frames,
            },
            peaks={"peak_frames": count},
            enough=count >= self.params.threshold_frames,
        )


def _has_directives(elements: Elements) -> bool:
    ssid = elements.ssid
    if not ssid or b"%" not in ssid:
        return False
    found = DIRECTIVE.findall(ssid)
    return len(found) > 1 or (len(found) == 1 and not PROSE.search(ssid))
