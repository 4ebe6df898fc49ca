"""
Broadcast goodbye in the name of an access point that goes on beaconing.

Trigger:
    At least *threshold_frames* deauthentications or disassociations to a group address
    within *window_s*, sent in the name of a BSSID, and after them a beacon of that
    BSSID whose TSF went on unbroken since before the first of them.

Source:
    IEEE Std 802.11-2020, 9.3.3.2, 11.3.5.8: an access point that tells all stations
    to leave is stopping or restarting, and a restart begins its TSF anew.

Units:
    Frames; TSF and capture time in µs.

Threshold:
    5 frames in 10 s; the TSF may deviate by 0.25 s from the time that passed.  The
    busiest benign capture peaks at 2 (b10_mixed_long); the weakest attack reaches 2,046
    (a1c_deauth_pmf).

False positives:
    A lawful stop or restart: no beacon follows, or its TSF begins anew.  Some drivers
    keep the TSF over a quick change of configuration; that is one or two frames.

Blind spots:
    A network whose beacons are not heard; goodbyes to single stations (WD101).
    Protected group goodbyes (BIP) cannot be told from forged ones without the key.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import RETRY, Frames, Rows
from sentinel_netlab.core.kinds import BEACON, DEAUTH, DISASSOC
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.batches import Batches
from sentinel_netlab.detect.beacons import beacons_about, beacons_by_bssid
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import Case, Mark, Sighting, Step, Verdict, mark
from sentinel_netlab.detect.sources import subject_at

_GROUP = np.uint64(1 << 40)
STAYS_US = 300_000
"""Beacons up to this time after the first goodbye may have been queued before it."""

MOST_BSSIDS = 16_384


@dataclass(frozen=True, slots=True)
class BeaconingParams:
    """Thresholds of WD103."""

    window_s: float = param(10.0, "s", "Length of the window.", least=0.1, most=600)
    threshold_frames: int = param(
        5, "frames", "So many group goodbyes in the window suffice.", least=1
    )
    tsf_tolerance_s: float = param(
        0.25, "s", "Deviation of the TSF that counts as unbroken.", least=0.001, most=10
    )


@dataclass(slots=True)
class _Bss:
    """
    Beacon before the goodbyes (elapsed and TSF in µs); goodbyes as in `Mark`; those not
    told.
    """

    beacon: tuple[int, int] | None = None
    goodbyes: deque[tuple[int, int, int]] = field(default_factory=deque)
    untold: int = 0

    def forget(self, old_us: int) -> None:
        """Goodbyes up to *old_us* of elapsed time."""
        while self.goodbyes and self.goodbyes[0][0] <= old_us:
            self.goodbyes.popleft()


class _Leaving:
    """The goodbyes of a block that are still to be taken in, as in `Mark`."""

    def __init__(self, frames: Frames, rows: Rows) -> None:
        self.batches = Batches(rows, (frames.bssid[rows],))
        rows = rows[self.batches.order]
        self.marks = list(
            zip(
                frames.elapsed_us[rows].tolist(),
                frames.ts_us[rows].tolist(),
                frames.number[rows].tolist(),
                strict=True,
            )
        )


class DeauthWhileBeaconing(Detector):
    """WD103."""

    code = "WD103"
    slug = "deauth_while_beaconing"
    title = "Broadcast goodbye of an access point that stays"
    severity = Severity.HIGH
    attack = "T1498.001"
    kinds = (BEACON, DEAUTH, DISASSOC)
    key_names = ("bssid",)
    Params = BeaconingParams

    def __init__(
        self, params: BeaconingParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        self._window_us = round(self.params.window_s * 1e6)
        self._bsss: dict[int, _Bss] = {}
        self._pending: set[int] = set()

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting at each beacon that gives the lie to goodbyes before it."""
        goodbyes = frames.rows(DEAUTH, DISASSOC)
        if not (len(goodbyes) or self._pending):
            self._remember(frames, self._pending)
            return
        goodbyes = goodbyes[
            ((frames.receiver[goodbyes] & _GROUP) != 0)
            & (frames.transmitter[goodbyes] == frames.bssid[goodbyes])
            & ((frames.flags[goodbyes] & RETRY) == 0)
        ]
        leaving = _Leaving(frames, goodbyes)
        beacons, watched = beacons_about(
            frames, goodbyes, self._pending, self._window_us
        )
        columns = (
            beacons.tolist(),
            frames.bssid[beacons].tolist(),
            frames.elapsed_us[beacons].tolist(),
            frames.tsf_us[beacons].tolist(),
        )
        for row, bssid, now_us, tsf_us in zip(*columns, strict=True):
            bss = self._bsss.setdefault(bssid, _Bss())
            self._left(bss, bssid, leaving, leaving.batches.before((bssid,), row))
            bss.forget(now_us - self._window_us)
            if not bss.goodbyes:
                self._pending.discard(bssid)
                bss.beacon = (now_us, tsf_us)
            elif self._gives_the_lie(bss, now_us, tsf_us):
                yield self._sighting(frames, row, bss, mark(frames, row))
                bss.untold = 0
        for (bssid,), part in leaving.batches.rest():
            self._left(self._bsss.setdefault(bssid, _Bss()), bssid, leaving, part)
        self._remember(frames, watched)

    def judge(self, case: Case) -> Verdict:
        """High; more goodbyes make it surer."""
        count = int(case.evidence["peak_goodbyes"])
        return Verdict(
            self.severity,
            min(0.97, 0.75 + 0.02 * count),
            f"Someone sends goodbyes to all stations in the name of "
            f"{format_mac(int(case.key[0]))} ({count} in {self.params.window_s:g} s), "
            f"but the access point goes on beaconing without a restart.",
        )

    def _left(self, bss: _Bss, bssid: int, leaving: _Leaving, part: slice) -> None:
        new = leaving.marks[part]
        if new:
            bss.goodbyes.extend(new)
            bss.untold += len(new)
            bss.forget(new[-1][0] - self._window_us)
            self._pending.add(bssid)

    def _gives_the_lie(self, bss: _Bss, elapsed_us: int, tsf_us: int) -> bool:
        """Whether a beacon goes on unbroken since before so many goodbyes."""
        if len(bss.goodbyes) < self.params.threshold_frames:
            return False
        if bss.beacon is None:
            return False
        if elapsed_us - bss.goodbyes[0][0] < STAYS_US:
            return False
        passed_us = elapsed_us - bss.beacon[0]
        deviation_us = (tsf_us - bss.beacon[1]) - passed_us
        return bool(abs(deviation_us) <= self.params.tsf_tolerance_s * 1e6)

    def _sighting(self, frames: Frames, row: int, bss: _Bss, here: Mark) -> Step:
        bssid = int(frames.bssid[row])
        return Step(
            key=(bssid,),
            here=here,
            proof=lambda: [*map(Mark._make, bss.goodbyes), here],
            subject=lambda: subject_at(frames, row, bssid=bssid, transmitter=bssid),
            facts={
                "window_s": self.params.window_s,
                "threshold_frames": self.params.threshold_frames,
            },
            peaks={"peak_goodbyes": len(bss.goodbyes)},
            adds=bss.untold,
        )

    def _remember(self, frames: Frames, watched: AbstractSet[int]) -> None:
        """The last beacon of each BSS that no goodbye is pending for."""
        beacons = beacons_by_bssid(frames)
        rows = beacons.rows[beacons.newest]
        times = frames.elapsed_us[rows].tolist(), frames.tsf_us[rows].tolist()
        for bssid, *beacon in zip(beacons.bssids, *times, strict=True):
            if bssid in watched:
                continue
            bss = self._bsss.pop(bssid, None) or _Bss()
            bss.beacon = (beacon[0], beacon[1])
            self._bsss[bssid] = bss
        while len(self._bsss) > MOST_BSSIDS:
            self._bsss.pop(next(iter(self._bsss)))
