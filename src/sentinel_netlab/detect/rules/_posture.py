"""
Posture: findings about how a network is set up; what WD601 to WD605 share.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat
from operator import itemgetter

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.kinds import ADVERTISING
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.core.ssid import display_ssid
from sentinel_netlab.detect.advertised import View, views, views_by_security
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

FIRST_NETWORKS = 8
"""So many networks are reported at their first advertisement (small captures)."""

MOST_NETWORKS = 65_536
A_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class PostureParams:
    """Thresholds of the posture rules."""

    steady_frames: int = param(
        3, "frames", "Advertisements after which a network is believed.", least=1
    )
    steady_s: float = param(
        0.2, "s", "Time that they must span, so that a flood is not believed.", most=600
    )


Finding = dict[str, object]


@dataclass(slots=True)
class _Seen:
    marks: list[Mark] = field(default_factory=list)
    done: bool = False


class Posture(Detector):
    """Tells each network once; an alert of this kind is not counted further."""

    severity = Severity.INFO
    attack = "T1595"
    kinds = ADVERTISING
    key_names = ("bssid", "ssid")
    quiet_s = A_DAY_S
    Params = PostureParams
    own_severity = Severity.LOW
    """Severity where the policy protects the network."""
    by_security = True
    """Whether `finding` looks at nothing but the security of a view."""

    def __init__(
        self, params: PostureParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        self._seen: dict[tuple[int, bytes], _Seen] = {}
        self._networks = 0

    @abstractmethod
    def finding(self, view: View) -> Finding | None:
        """What is wrong with a network, as evidence; None if nothing is."""

    @abstractmethod
    def sentence(self, case: Case, network: str) -> str:
        """The summary; *network* names it."""

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting at the advertisement at which a network is believed."""
        found: list[tuple[int, View, Finding]] = []
        for part, finding in self._found(frames):
            seen = self._seen.get(part.network)
            if seen is None or not seen.done:
                found += [(row, part, finding) for row in part.rows.tolist()]
        for row, part, finding in sorted(found, key=itemgetter(0)):
            yield from self._take_in(frames, row, part, finding)

    def judge(self, case: Case) -> Verdict:
        """Information, or the own severity for a network of the site."""
        bssid, ssid = case.key
        raw = ssid if isinstance(ssid, bytes) else b""
        network = f"{display_ssid(raw)!r} ({format_mac(int(bssid))})"
        own = self.policy.networks.get(raw)
        severity = self.severity
        if own is not None and not (own.open_allowed and self.code == "WD601"):
            severity = self.own_severity
        return Verdict(severity, 0.9, self.sentence(case, network))

    def _found(self, frames: Frames) -> Iterator[tuple[View, Finding]]:
        """Views of networks with which something is wrong, and what."""
        if not self.by_security:
            for view in views(frames):
                for part in view.apart():
                    finding = self.finding(part)
                    if finding is not None:
                        yield part, finding
            return
        for alike in views_by_security(frames):
            finding = self.finding(alike[0])
            if finding is not None:
                yield from zip(alike, repeat(finding), strict=False)

    def _take_in(
        self, frames: Frames, row: int, view: View, finding: Finding
    ) -> Iterator[Sighting]:
        key = view.network
        seen = self._seen.get(key)
        if seen is not None and seen.done:
            return
        if seen is None:
            if len(self._seen) >= MOST_NETWORKS:
                del self._seen[next(iter(self._seen))]
            seen = self._seen[key] = _Seen()
            self._networks += 1
        early = self._networks <= FIRST_NETWORKS and not seen.marks
        here = mark(frames, row)
        seen.marks.append(here)
        span_us = here.elapsed_us - seen.marks[0].elapsed_us
        steady = len(seen.marks) >= self.params.steady_frames
        if early or (steady and span_us >= self.params.steady_s * 1e6):
            seen.done = True
            yield self._sighting(frames, row, view, seen, finding)
            seen.marks = []
        del seen.marks[self.params.steady_frames :]

    def _sighting(
        self,
        frames: Frames,
        row: int,
        view: View,
        seen: _Seen,
        finding: Finding,
    ) -> Sighting:
        return Step(
            key=view.network,
            here=seen.marks[-1],
            proof=lambda: seen.marks,
            subject=lambda: subject_at(
                frames, row, bssid=view.bssid, ssid=view.ssid, transmitter=view.bssid
            ),
            facts={"security": view.security.label, **finding},
        )
