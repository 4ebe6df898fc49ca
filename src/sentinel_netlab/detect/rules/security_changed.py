"""
A network's security changes while its BSSID and name stay.

Trigger:
    A BSSID that advertised an SSID with one security *steady_frames* times advertises
    it with another security *steady_frames* times.

Source:
    IEEE Std 802.11-2020, 9.4.2.24: cipher and key management suites belong to the BSS
    and change only when it is started anew.

Units:
    Beacons and probe responses per BSSID, SSID and security.

Threshold:
    5 advertisements of each.  No benign capture holds a change; the attacks show one
    within 0.5 s (hsngccu 8.KRACK_DG).

False positives:
    An administrator's change of settings: one alert, low if the network became
    stronger.  Truncated or damaged beacons are not counted.

Blind spots:
    A clone that copies the suites too (WD202); a change while the radio was on another
    channel and the network was new to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.kinds import ADVERTISING
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.core.security import WEP, Security
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

MOST_NETWORKS = 16_384
MOST_SECURITIES = 8


@dataclass(frozen=True, slots=True)
class SecurityChangedParams:
    """Thresholds of WD209."""

    steady_frames: int = param(
        5, "frames", "Advertisements after which a security is believed.", least=2
    )


@dataclass(slots=True)
class _Known:
    """First advertisements with one security."""

    security: Security
    marks: list[Mark] = field(default_factory=list)


class SecurityChanged(Detector):
    """WD209."""

    code = "WD209"
    slug = "security_changed"
    title = "Security of a network changed"
    severity = Severity.MEDIUM
    attack = "T1557.004"
    kinds = ADVERTISING
    key_names = ("bssid", "ssid", "security")
    quiet_s = 60.0
    Params = SecurityChangedParams

    def __init__(
        self, params: SecurityChangedParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        self._networks: dict[tuple[int, bytes], dict[str, _Known]] = {}

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting at each advertisement with a security that was not the first."""
        doubtful: list[tuple[int, View]] = []
        for view in views(frames):
            if not view.security.complete:
                continue
            known = self._networks.get(view.network)
            if known is None:
                known = self._opened(view)
            label = view.security.label
            mine, head = known.get(label), next(iter(known.values()), None)
            if view.alone and len(known) <= (mine is not None):
                self._steadied(frames, view, known)
            elif mine is None or head is None or not self._believed(mine):
                doubtful += [(row, view) for row in view.rows.tolist()]
            elif mine is not head and self._believed(head):
                yield self._going_on(frames, view, mine, head)
            elif mine is not head:
                doubtful += [(row, view) for row in view.rows.tolist()]
        for row, view in sorted(doubtful, key=itemgetter(0)):
            yield from self._seen(frames, row, view)

    def judge(self, case: Case) -> Verdict:
        """High when it drops to open or WEP, low when it only grows stronger."""
        facts = case.evidence
        if facts["strength"] <= WEP:
            severity = Severity.HIGH
        elif facts["strength"] < facts["strength_before"]:
            severity = Severity.MEDIUM
        else:
            severity = Severity.LOW
        ssid = case.key[1]
        name = display_ssid(ssid) if isinstance(ssid, bytes) else str(ssid)
        return Verdict(
            severity,
            min(0.9, 0.5 + case.count / 100),
            f"Network {name!r} of {format_mac(int(case.key[0]))} changed its security "
            f"from {facts['security_before']} to {facts['security']}.",
        )

    def _believed(self, known: _Known) -> bool:
        return bool(len(known.marks) >= self.params.steady_frames)

    def _opened(self, view: View) -> dict[str, _Known]:
        if len(self._networks) >= MOST_NETWORKS:
            del self._networks[next(iter(self._networks))]
        known: dict[str, _Known] = {}
        self._networks[view.network] = known
        return known

    def _steadied(self, frames: Frames, view: View, known: dict[str, _Known]) -> None:
        """Advertisements of a network that has not shown any other security."""
        label = view.security.label
        mine = known.get(label)
        if mine is None:
            mine = known[label] = _Known(view.security)
        wanted = self.params.steady_frames - len(mine.marks)
        if wanted > 0:
            mine.marks += view.first(frames, wanted)

    def _seen(self, frames: Frames, row: int, view: View) -> Iterator[Sighting]:
        known = self._networks.get(view.network, {})
        label, steady = view.security.label, self.params.steady_frames
        mine = known.get(label)
        if mine is None:
            if len(known) >= MOST_SECURITIES:
                return
            mine = known[label] = _Known(view.security)
        here = mark(frames, row)
        if len(mine.marks) < steady:
            mine.marks.append(here)
        first = next((k for k in known.values() if len(k.marks) >= steady), None)
        if first is None or first is mine or len(mine.marks) < steady:
            return
        yield Step(
            key=(view.bssid, view.ssid, label),
            here=here,
            proof=lambda: mine.marks if mine.marks[-1] == here else [here],
            subject=lambda: subject_at(
                frames, row, bssid=view.bssid, ssid=view.ssid, transmitter=view.bssid
            ),
            facts=self._facts(mine, first),
        )

    def _going_on(
        self, frames: Frames, view: View, mine: _Known, first: _Known
    ) -> Stretch:
        """All advertisements of a block, once both securities are believed."""
        rows = view.rows
        return Stretch(
            key=(view.bssid, view.ssid, view.security.label),
            trail=trail_of(frames, rows),
            begin=np.arange(len(rows)),
            enough=np.ones(len(rows), np.bool_),
            subject=lambda at: subject_at(
                frames,
                int(rows[at]),
                bssid=view.bssid,
                ssid=view.ssid,
                transmitter=view.bssid,
            ),
            facts=self._facts(mine, first),
        )

    def _facts(self, mine: _Known, first: _Known) -> dict[str, object]:
        return {
            "security": mine.security.label,
            "security_before": first.security.label,
            "strength": mine.security.strength,
            "strength_before": first.security.strength,
            "steady_frames": self.params.steady_frames,
        }
