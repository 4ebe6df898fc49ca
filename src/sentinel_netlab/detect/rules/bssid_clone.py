"""
One BSSID, two transmitters.

Trigger:
    The beacons of one BSSID go to and fro between two lines, at least *swaps* times
    without a break of *window_s*, in two of four respects: sequence number, TSF,
    element fingerprint, signal.  Sequence numbers alone suffice after *long_swaps*.

Source:
    Guo and Chiueh, "Sequence Number-Based MAC Address Spoof Detection", RAID 2005;
    IEEE Std 802.11-2020, 10.3.2.14 (sequence numbers), 11.1.3 (TSF).

Units:
    Swaps between two lines; sequence numbers modulo 4,096, TSF in µs, signal in dBm.

Threshold:
    4 swaps in two respects, or 20 in sequence numbers alone.  In the
    benign captures no line is taken up twice; the weakest attack swaps 5 times (hsngccu
    7.DG_00051), the others hundreds of times.

False positives:
    An access point that restarts leaves its lines once and does not come back.  Frames
    heard by two radios are out of order by a few numbers only.  A damaged beacon leads
    to a line that no later one continues.

Blind spots:
    A clone that is never heard together with the original, or that follows its
    sequence numbers and TSF.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import NO_DBM, Frames
from sentinel_netlab.core.kinds import BEACON
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.beacons import BeaconsByBssid, beacons_by_bssid
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import Case, Mark, Sighting, Step, Verdict, marks
from sentinel_netlab.detect.sources import subject_at

STEP = 48
"""Sequence numbers between two beacons of one transmitter, other frames included."""

REORDER = 8
"""Beacons heard by two radios come so many numbers late at most."""

TSF_STEP_US = 50_000
MOST_BSSIDS = 16_384
MOST_MARKS = 32
RESPECTS = ("sequence", "tsf", "fingerprint", "signal")
SEQUENCE, TSF, FINGERPRINT, SIGNAL = range(4)
PEAKS = tuple(f"peak_{name}_swaps" for name in RESPECTS)
NOTHING_BEFORE = [-1] * len(RESPECTS)


@dataclass(frozen=True, slots=True)
class CloneParams:
    """Thresholds of WD202."""

    window_s: float = param(
        10.0, "s", "Longest pause between two swaps.", least=0.5, most=600
    )
    swaps: int = param(4, "swaps", "Swaps needed in two respects.", least=2)
    long_swaps: int = param(20, "swaps", "Swaps of sequence numbers alone.", least=2)
    signal_db: int = param(4, "dB", "Difference of signal that tells lines apart.")


@dataclass(slots=True)
class _Line:
    """
    One respect in which beacons may go to and fro.

    Attributes:
        other: where the line was left that we are not on; None until it was left.
        swaps: how often the last beacons went from one line to the other.
        marks: the last beacons at which they did, at most `MOST_MARKS`.
    """

    other: int | None = None
    swaps: int = 0
    last_us: int = 0
    marks: list[Mark] = field(default_factory=list)

    def swap(self, here: Mark, *, fits: bool, left: int, window_us: int) -> None:
        """The line was left at *left*; *fits*: the new one is where *other* was."""
        now_us = here.elapsed_us
        if not fits or now_us - self.last_us > window_us:
            self.swaps = 0
            self.marks.clear()
        if fits:
            self.swaps += 1
            self.marks.append(here)
            del self.marks[:-MOST_MARKS]
        self.other, self.last_us = left, now_us


Bss = tuple[_Line, _Line, _Line, _Line]
"""The lines of a BSSID in order of `RESPECTS`."""


class BssidClone(Detector):
    """WD202."""

    code = "WD202"
    slug = "bssid_clone"
    title = "One BSSID from two transmitters"
    severity = Severity.HIGH
    attack = "T1557.004"
    kinds = (BEACON,)
    key_names = ("bssid",)
    quiet_s = 30.0
    Params = CloneParams

    def __init__(
        self, params: CloneParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        self._window_us = round(self.params.window_s * 1e6)
        self._quiet_us = round(self.quiet_s * 1e6)
        self._last: dict[int, list[int]] = {}
        self._bsss: dict[int, Bss] = {}
        self._enough_us: dict[int, int] = {}

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting at each beacon that leaves its predecessor's line and matters."""
        beacons = beacons_by_bssid(frames)
        rows = beacons.rows
        table = np.stack(
            (
                frames.sequence[rows].astype(np.int64),
                frames.tsf_us[rows].astype(np.int64) - frames.ts_us[rows],
                _fingerprints(frames)[frames.elements[rows]],
                frames.signal_dbm[rows].astype(np.int64),
            )
        )
        before = self._predecessors(frames, beacons, table)
        left = _left(before, table)
        leaving = np.flatnonzero(left.any(axis=0))
        leaving = leaving[np.argsort(rows[leaving])]
        columns = (
            rows[leaving].tolist(),
            frames.bssid[rows[leaving]].tolist(),
            marks(frames, rows[leaving]),
            before[:, leaving].T.tolist(),
            table[:, leaving].T.tolist(),
            left[:, leaving].T.tolist(),
        )
        for row, bssid, here, *change in zip(*columns, strict=True):
            bss = self._bsss.get(bssid)
            if bss is None:
                bss = self._bsss[bssid] = (_Line(), _Line(), _Line(), _Line())
            self._leave(bss, here, *change)
            enough = self._enough(bss, here)
            if enough or self._alarmed(bssid, here):
                yield self._sighting(frames, row, bss, here, enough=enough)

    def judge(self, case: Case) -> Verdict:
        """High; each respect and each swap make it surer."""
        respects = [
            name
            for name in RESPECTS
            if case.evidence[f"peak_{name}_swaps"] >= self.params.swaps
        ]
        most = max(int(case.evidence[f"peak_{name}_swaps"]) for name in RESPECTS)
        return Verdict(
            self.severity,
            min(0.97, 0.35 + 0.15 * len(respects) + min(most, 40) / 200),
            f"Two transmitters use the BSSID {format_mac(int(case.key[0]))}: its "
            f"beacons go to and fro between two lines in {' and '.join(respects)} "
            f"({most} times).",
        )

    def _predecessors(
        self, frames: Frames, beacons: BeaconsByBssid, table: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """For each beacon the values of the one of its BSSID before it; -1 if none."""
        before = np.empty_like(table)
        before[:, 1:] = table[:, :-1]
        bssids = frames.bssid[beacons.rows[beacons.first]].tolist()
        known = [self._last.get(bssid, NOTHING_BEFORE) for bssid in bssids]
        before[:, beacons.first] = np.array(known, np.int64).T
        newest = table[:, beacons.newest].T.tolist()
        for bssid, values in zip(beacons.bssids, newest, strict=True):
            self._last.pop(bssid, None)
            self._last[bssid] = values
        while len(self._last) > MOST_BSSIDS:
            gone = next(iter(self._last))
            del self._last[gone]
            self._bsss.pop(gone, None)
        return before

    def _leave(
        self,
        bss: Bss,
        here: Mark,
        before: list[int],
        now: list[int],
        left: list[bool],
    ) -> None:
        for at in (SEQUENCE, TSF, FINGERPRINT):
            if left[at]:
                line = bss[at]
                fits = line.other is not None and not _leaves(at, line.other, now[at])
                line.swap(here, fits=fits, left=before[at], window_us=self._window_us)
        self._compare_signal(bss, here, before[SIGNAL], now[SIGNAL])

    def _enough(self, bss: Bss, here: Mark) -> bool:
        if bss[SEQUENCE].swaps >= self.params.long_swaps:
            return True
        old_us = here.elapsed_us - self._window_us
        many = 0
        for line in bss:
            many += line.swaps >= self.params.swaps and line.last_us >= old_us
        return many >= 2

    def _alarmed(self, bssid: int, here: Mark) -> bool:
        """Whether an alert about *bssid* may be open, to which the beacon adds."""
        last_us = self._enough_us.get(bssid)
        if last_us is None:
            return False
        if here.elapsed_us - last_us <= self._quiet_us:
            return True
        del self._enough_us[bssid]
        return False

    def _sighting(
        self, frames: Frames, row: int, bss: Bss, here: Mark, *, enough: bool
    ) -> Step:
        bssid = int(frames.bssid[row])
        if enough:
            self._enough_us[bssid] = here.elapsed_us
        return Step(
            key=(bssid,),
            here=here,
            proof=lambda: _evidence(bss, here),
            subject=lambda: subject_at(frames, row, bssid=bssid, transmitter=bssid),
            facts={
                "swaps": self.params.swaps,
                "long_swaps": self.params.long_swaps,
                "window_s": self.params.window_s,
            },
            peaks={name: line.swaps for name, line in zip(PEAKS, bss, strict=True)},
            enough=enough,
        )

    def _compare_signal(self, bss: Bss, here: Mark, old: int, new: int) -> None:
        """Signal swaps when it goes up and down in turn, where another line swaps."""
        if NO_DBM in (old, new) or old == -1:
            return
        line, change = bss[SIGNAL], new - old
        if abs(change) < self.params.signal_db:
            return
        fits = line.other is not None and (line.other > 0) != (change > 0)
        line.swap(here, fits=fits, left=change, window_us=self._window_us)


def _left(before: NDArray[np.int64], now: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which beacons leave the line of their predecessor, per respect but signal."""
    there = before[0] >= 0
    return np.stack(
        [
            there & _leaves(respect, before[respect], now[respect])
            for respect in (SEQUENCE, TSF, FINGERPRINT)
        ]
    )


def _leaves(respect: int, old: Any, new: Any) -> Any:
    """Whether *new* does not continue *old*; numbers or arrays."""
    if respect == SEQUENCE:
        step = (new - old) % 4096
        return (step > STEP) & (step < 4096 - REORDER)
    if respect == TSF:
        return abs(new - old) > TSF_STEP_US
    return new != old


def _fingerprints(frames: Frames) -> NDArray[np.int64]:
    """A number for the fingerprint of each element set, and last 0 for none at all."""
    known = [int(elements.fingerprint, 16) >> 1 for elements in frames.element_sets]
    return np.array([*known, 0], np.int64)


def _evidence(bss: Bss, here: Mark) -> list[Mark]:
    known = {m for line in bss for m in line.marks} | {here}
    return sorted(known, key=lambda m: m.number)
