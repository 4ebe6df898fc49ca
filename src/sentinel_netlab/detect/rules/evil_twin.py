"""
Evil twin: a protected network's name with weaker security from a strange access point.

Trigger:
    A BSSID advertises without encryption (or with WEP) an SSID that another BSSID
    protects; or, appearing *settle_s* after the sensor began, it offers WPA2 or less
    under the name of a personal WPA3 network.  Its vendor or element fingerprint
    differs, and both were heard *steady_frames* times.

Source:
    IEEE Std 802.11-2020, 9.4.2.24; Vanhoef and Ronen, "Dragonblood", IEEE S&P 2020,
    section 5.1 (downgrade of transition mode); Wi-Fi Alliance, WPA3 Specification 3.4,
    7 ("transition disable").

Units:
    Beacons and probe responses per BSSID.

Threshold:
    5 advertisements of each side.  In the benign captures no two
    access points of a name differ so; the attacks are found at the fifth beacon.

False positives:
    A guest network under the same name without encryption (say so in the policy:
    ``open = true``); an access point without WPA3 that is switched on in an ESS half
    way through the change.  An ESS that is mixed from the start raises nothing.
    Truncated or damaged beacons are not believed.

Blind spots:
    A twin with the same security and another passphrase (WD202, WD207); a twin on a
    channel that the radio is not on; a name whose real network is not heard.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from sentinel_netlab.core.addresses import format_mac, oui_of
from sentinel_netlab.core.alerts import Severity, Subject
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.kinds import ADVERTISING
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.core.security import WEP, WPA3, Security
from sentinel_netlab.core.ssid import display_ssid
from sentinel_netlab.detect.advertised import View, views
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import (
    Case,
    Mark,
    Sighting,
    Step,
    Stretch,
    Verdict,
    mark,
    trail_of,
)
from sentinel_netlab.detect.sources import subject_at

MOST_NAMES = 16_384
MOST_PER_NAME = 64


@dataclass(frozen=True, slots=True)
class EvilTwinParams:
    """Thresholds of WD201."""

    steady_frames: int = param(
        5, "frames", "Advertisements after which a BSS is believed.", least=2, most=100
    )
    settle_s: float = param(
        10.0, "s", "A twin without WPA3 must appear so long after the sensor began."
    )


@dataclass(slots=True)
class _Bss:
    """A BSS under one name and security, and its first advertisements."""

    bssid: int
    security: Security
    fingerprint: str
    marks: list[Mark]
    steady_from: int | None = None
    """Number of the frame from which it is believed."""
    told: bool = False
    """It was found to be a twin, with its first advertisements as proof."""


class EvilTwin(Detector):
    """WD201."""

    code = "WD201"
    slug = "evil_twin"
    title = "Evil twin with weaker security"
    severity = Severity.HIGH
    attack = "T1557.004"
    kinds = ADVERTISING
    key_names = ("ssid", "bssid", "security")
    quiet_s = 60.0
    Params = EvilTwinParams

    def __init__(
        self, params: EvilTwinParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        self._names: dict[bytes, dict[tuple[int, str], _Bss]] = {}
        self._began_us: int | None = None

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting at each advertisement of a twin, once both sides are believed."""
        if self._began_us is None:
            self._began_us = int(frames.elapsed_us[frames.rows(*ADVERTISING)[0]])
        seen = views(frames)
        for view in seen:
            self._take_in(frames, view)
        doubtful: list[tuple[int, View, _Bss, list[_Bss]]] = []
        for view in seen:
            bsss = self._names.get(view.ssid)
            if bsss is None or len(bsss) == 1:
                continue
            twin = bsss.get((view.bssid, view.security.label))
            stronger = self._stronger(view.ssid, twin, bsss) if twin else []
            if twin is None or not stronger:
                continue
            if twin.told and _believed(stronger[0], view.head[0]):
                yield self._going_on(frames, view, twin, stronger[0])
            else:
                doubtful += [(row, view, twin, stronger) for row in view.rows.tolist()]
        for row, view, twin, stronger in sorted(doubtful, key=itemgetter(0)):
            yield from self._judged(frames, row, view, twin, stronger)

    def judge(self, case: Case) -> Verdict:
        """Open and WEP twins are high, a downgrade within WPA is low or medium."""
        facts = case.evidence
        ssid, bssid = case.key[:2]
        name = display_ssid(ssid) if isinstance(ssid, bytes) else str(ssid)
        owned = isinstance(ssid, bytes) and self.policy.owns_ssid(ssid)
        if facts["strength"] <= WEP:
            severity = Severity.CRITICAL if owned else Severity.HIGH
            confidence = 0.6
        else:
            severity = Severity.HIGH if owned else Severity.MEDIUM
            confidence = 0.4
        confidence += 0.2 * bool(facts["other_vendor"]) + 0.05 * (case.count > 50)
        return Verdict(
            severity,
            confidence,
            f"{format_mac(int(bssid))} offers {name!r} with {facts['security']}, while "
            f"{facts['real_bssid']} protects it with {facts['real_security']}: "
            f"stations may be lured to it.",
        )

    def _take_in(self, frames: Frames, view: View) -> None:
        if not view.security.complete:
            return
        bsss = self._names.setdefault(view.ssid, {})
        key = (view.bssid, view.security.label)
        bss = bsss.get(key)
        if bss is None:
            if len(bsss) >= MOST_PER_NAME:
                del bsss[next(iter(bsss))]
            print_of = view.elements.fingerprint
            bss = bsss[key] = _Bss(view.bssid, view.security, print_of, [])
        wanted = self.params.steady_frames - len(bss.marks)
        if wanted > 0:
            bss.marks += view.first(frames, wanted)
            if wanted <= len(view.rows):
                bss.steady_from = bss.marks[-1].number
        if len(self._names) > MOST_NAMES:
            del self._names[next(iter(self._names))]

    def _judged(
        self,
        frames: Frames,
        row: int,
        view: View,
        twin: _Bss,
        stronger: list[_Bss],
    ) -> Iterator[Sighting]:
        here = mark(frames, row)
        if not _believed(twin, here):
            return
        real = next((bss for bss in stronger if _believed(bss, here)), None)
        if real is None:
            return
        begun = [] if twin.told else [m for m in twin.marks if m.number < here.number]
        twin.told = True
        yield Step(
            key=(view.ssid, view.bssid, view.security.label),
            here=here,
            proof=lambda: [*begun, here],
            subject=lambda: _subject(frames, row, view),
            facts=self._facts(twin, real),
        )

    def _going_on(self, frames: Frames, view: View, twin: _Bss, real: _Bss) -> Stretch:
        """All advertisements of a block of what was found to be a twin before."""
        rows = view.rows
        return Stretch(
            key=(view.ssid, view.bssid, view.security.label),
            trail=trail_of(frames, rows),
            begin=np.arange(len(rows)),
            enough=np.ones(len(rows), np.bool_),
            subject=lambda at: _subject(frames, int(rows[at]), view),
            facts=self._facts(twin, real),
        )

    def _facts(self, twin: _Bss, real: _Bss) -> dict[str, object]:
        return {
            "security": twin.security.label,
            "strength": twin.security.strength,
            "real_bssid": format_mac(real.bssid),
            "real_security": real.security.label,
            "other_vendor": oui_of(twin.bssid) != oui_of(real.bssid),
            "other_fingerprint": twin.fingerprint != real.fingerprint,
            "steady_frames": self.params.steady_frames,
        }

    def _stronger(
        self, ssid: bytes, twin: _Bss, bsss: dict[tuple[int, str], _Bss]
    ) -> list[_Bss]:
        """The BSSs that protect the name better than *twin* does and differ from it."""
        own = self.policy.networks.get(ssid)
        if own is not None and (twin.bssid in own.bssids or own.open_allowed):
            return []
        return [
            bss
            for bss in bsss.values()
            if bss.bssid != twin.bssid
            and self._weakens(twin, bss)
            and (
                oui_of(bss.bssid) != oui_of(twin.bssid)
                or bss.fingerprint != twin.fingerprint
            )
        ]

    def _weakens(self, twin: _Bss, real: _Bss) -> bool:
        """Whether *twin* takes away encryption, or WPA3 from a network that had it."""
        if twin.security.best <= WEP:
            return real.security.best > WEP
        newer_us = twin.marks[0].elapsed_us - (self._began_us or 0)
        return (
            real.security.best == WPA3
            and twin.security.best < WPA3
            and not real.security.enterprise
            and newer_us >= self.params.settle_s * 1e6
        )


def _believed(bss: _Bss, here: Mark) -> bool:
    return bss.steady_from is not None and bss.steady_from <= here.number


def _subject(frames: Frames, row: int, view: View) -> Subject:
    return subject_at(
        frames,
        row,
        bssid=view.bssid,
        ssid=view.ssid,
        transmitter=int(frames.transmitter[row]),
    )
