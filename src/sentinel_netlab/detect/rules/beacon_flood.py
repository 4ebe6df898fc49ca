"""
Beacon flood: a crowd of access points that are not there.

Trigger:
    More than *threshold_bssids* BSSIDs, or more than *threshold_ssids* names, that
    appeared on one channel within *window_s*, are at least *age_s* old and were seen
    no more than *fleeting_beacons* times since.

Source:
    IEEE Std 802.11-2020, 9.3.3.2: an access point beacons about ten times a second;
    mdk4 mode ``b``; Kismet's ``BEACONRATE`` looks at the interval only.

Units:
    Distinct BSSIDs and SSIDs per window of capture time; beacons per BSSID.

Threshold:
    40 BSSIDs or 60 names in 10 s that are 1 s old and were seen at most 3 times.
    The busiest benign capture peaks at 17 and 15 (handshake_not_exists, real air with
    bit errors); the weakest attack reaches 126 names (a21b_fuzz_mixed).

False positives:
    A sensor's first minute and a moving vehicle meet many access points at once, but
    each of those beacons on.  Bit errors in captures without a check sequence invent
    addresses one at a time.

Blind spots:
    A flood that repeats a few dozen invented networks at the rate of real ones.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import Advertisement, Frames
from sentinel_netlab.core.kinds import BEACON
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import (
    Case,
    Mark,
    Sighting,
    Step,
    Verdict,
    marks,
)
from sentinel_netlab.detect.sources import subject_at

MOST_KNOWN = 65_536
NEVER_US = 2**63

Name = tuple[int, int, bytes]
"""BSSID, frequency in MHz, SSID."""


@dataclass(frozen=True, slots=True)
class BeaconFloodParams:
    """Thresholds of WD108."""

    window_s: float = param(10.0, "s", "How long a name is new.", least=1, most=600)
    age_s: float = param(
        1.0, "s", "Age at which few beacons begin to look odd.", least=0.1, most=60
    )
    fleeting_beacons: int = param(
        3, "beacons", "Seen at most so often, a BSSID is fleeting.", least=1
    )
    threshold_bssids: int = param(
        40, "BSSIDs", "More fleeting BSSIDs raise an alert.", least=1
    )
    threshold_ssids: int = param(
        60, "names", "More fleeting names raise an alert.", least=1
    )


@dataclass(slots=True)
class _New:
    """Something that was first heard lately."""

    first: Mark
    beacons: int = 1
    aged: bool = False


@dataclass(slots=True)
class _Crowd:
    """What is new on one channel: addresses, or names."""

    window_us: int
    age_us: int
    fleeting: int
    new: dict[object, _New] = field(default_factory=dict)
    young: deque[object] = field(default_factory=deque)
    aged: deque[object] = field(default_factory=deque)
    count: int = 0
    """How many of the aged are fleeting."""
    due_us: int = NEVER_US
    """When the next one ages, or is new no more."""

    def see(self, name: object, here: Mark) -> None:
        """A beacon of *name*; time goes on to it."""
        now_us = here.elapsed_us
        if now_us >= self.due_us:
            self._advance(now_us)
        entry = self.new.get(name)
        if entry is None:
            self.new[name] = _New(here)
            self.young.append(name)
            self.due_us = min(self.due_us, now_us + self.age_us)
            return
        entry.beacons += 1
        if entry.aged and entry.beacons == self.fleeting + 1:
            self.count -= 1

    def marks(self) -> list[Mark]:
        """First beacons of those that are fleeting now."""
        return [
            self.new[name].first
            for name in self.aged
            if self.new[name].beacons <= self.fleeting
        ]

    def _advance(self, now_us: int) -> None:
        while self.young:
            entry = self.new[self.young[0]]
            if entry.first.elapsed_us > now_us - self.age_us:
                break
            entry.aged = True
            self.count += entry.beacons <= self.fleeting
            self.aged.append(self.young.popleft())
        while self.aged:
            entry = self.new[self.aged[0]]
            if entry.first.elapsed_us > now_us - self.window_us:
                break
            self.count -= entry.beacons <= self.fleeting
            del self.new[self.aged.popleft()]
        self.due_us = NEVER_US
        if self.young:
            self.due_us = self.new[self.young[0]].first.elapsed_us + self.age_us
        if self.aged:
            gone_us = self.new[self.aged[0]].first.elapsed_us + self.window_us
            self.due_us = min(self.due_us, gone_us)


class BeaconFlood(Detector):
    """WD108."""

    code = "WD108"
    slug = "beacon_flood"
    title = "Beacon flood"
    severity = Severity.MEDIUM
    attack = "T1498.001"
    kinds = (BEACON,)
    key_names = ("channel", "frequency_mhz")
    Params = BeaconFloodParams

    def __init__(
        self, params: BeaconFloodParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        self._window_us = round(self.params.window_s * 1e6)
        self._known: dict[Name, int] = {}
        self._crowds: dict[tuple[int, int], tuple[_Crowd, _Crowd]] = {}

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting at each beacon of something new while too much is fleeting."""
        recent: list[Advertisement] = []
        names: list[Name] = []
        for group in frames.advertisements:
            if group.kind == BEACON:
                name = (group.bssid, group.frequency_mhz, group.elements.ssid or b"")
                if self._may_be_new(frames, group, name):
                    recent.append(group)
                    names.append(name)
        if not recent:
            return
        rows = np.concatenate([group.rows for group in recent])
        of = np.repeat(np.arange(len(recent)), [len(group.rows) for group in recent])
        order = np.argsort(rows)
        rows = rows[order]
        columns = rows.tolist(), of[order].tolist(), marks(frames, rows)
        for row, index, here in zip(*columns, strict=True):
            name = names[index]
            if self._is_known(name, here):
                continue
            where = (recent[index].channel, name[1])
            crowds = self._crowds.get(where) or self._opened(where)
            crowds[0].see(name[0], here)
            crowds[1].see(name[2], here)
            if self._too_many(crowds):
                yield self._sighting(frames, row, where, crowds, here)

    def judge(self, case: Case) -> Verdict:
        """Medium: it hides real networks and floods lists, nobody is cut off."""
        bssids = int(case.evidence["peak_bssids"])
        ssids = int(case.evidence["peak_ssids"])
        return Verdict(
            self.severity,
            min(0.98, 0.6 + max(bssids, ssids) / 400),
            f"Beacon flood on channel {case.key[0]!s}: "
            f"within {self.params.window_s:g} s "
            f"{bssids} access points and {ssids} names appeared that hardly beacon.",
        )

    def _may_be_new(self, frames: Frames, group: Advertisement, name: Name) -> bool:
        first_us = self._known.get(name)
        if first_us is None:
            return True
        return bool(first_us > int(frames.elapsed_us[group.rows[0]]) - self._window_us)

    def _is_known(self, name: Name, here: Mark) -> bool:
        """Whether the network has been there for longer than the window."""
        known = self._known
        first_us = known.get(name)
        if first_us is not None:
            return bool(first_us <= here.elapsed_us - self._window_us)
        known[name] = here.elapsed_us
        if len(known) > MOST_KNOWN:
            known.pop(next(iter(known)))
        return False

    def _opened(self, where: tuple[int, int]) -> tuple[_Crowd, _Crowd]:
        shape = (
            self._window_us,
            round(self.params.age_s * 1e6),
            self.params.fleeting_beacons,
        )
        crowds = self._crowds[where] = (_Crowd(*shape), _Crowd(*shape))
        return crowds

    def _too_many(self, crowds: tuple[_Crowd, _Crowd]) -> bool:
        bssids, ssids = crowds
        over = bssids.count > self.params.threshold_bssids
        return bool(over or ssids.count > self.params.threshold_ssids)

    def _sighting(
        self,
        frames: Frames,
        row: int,
        where: tuple[int, int],
        crowds: tuple[_Crowd, _Crowd],
        here: Mark,
    ) -> Sighting:
        larger = max(crowds, key=lambda crowd: crowd.count)
        params = self.params
        return Step(
            key=where,
            here=here,
            proof=lambda: [*larger.marks(), here],
            subject=lambda: subject_at(frames, row),
            facts={
                "window_s": params.window_s,
                "fleeting_beacons": params.fleeting_beacons,
                "threshold_bssids": params.threshold_bssids,
                "threshold_ssids": params.threshold_ssids,
            },
            peaks={"peak_bssids": crowds[0].count, "peak_ssids": crowds[1].count},
        )
