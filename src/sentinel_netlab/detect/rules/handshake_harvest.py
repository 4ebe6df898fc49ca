"""
Handshake harvest: a station is thrown out so that its next handshake can be recorded.

Trigger:
    A burst of at least *burst_frames* deauthentications or disassociations between a
    station and its access point, or to all its stations, inside *burst_s*, and a 4-way
    handshake of that pair within *return_s*; or the same after a single goodbye to all
    stations while the access point goes on beaconing, so that it is forged; or goodbyes
    to the station that are followed by a handshake *threshold_cycles* times inside
    *cycles_window_s*.

Source:
    aircrack-ng's ``aireplay-ng -0`` with ``airodump-ng -w``; IEEE Std 802.11-2020,
    11.3.5, 12.7.6.

Units:
    Frames and seconds of capture time.

Threshold:
    5 goodbyes in 2 s and a handshake within 30 s, or 3 cycles in 120 s.  No benign
    capture holds even two goodbyes in 2 s that a handshake follows; the weakest burst
    of an attack has 128 (a15_handshake_capture).

False positives:
    An access point that restarts says goodbye once or twice and its stations come
    back; that is no burst.  A station that leaves by itself does so with one frame.

Blind spots:
    A single forged goodbye to one station with one handshake; WPA3 handshakes are
    worthless to the attacker but look the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np

from sentinel_netlab.core.addresses import BROADCAST, GROUP_BIT, format_mac
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import RETRY, Frames, Rows
from sentinel_netlab.core.kinds import BEACON, DATA_KINDS, DEAUTH, DISASSOC
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.batches import Batches
from sentinel_netlab.detect.beacons import beacons_about, beacons_by_bssid
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.handshakes import answers
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import Case, Mark, Sighting, Step, Verdict, mark
from sentinel_netlab.detect.sources import subject_at

MOST_PAIRS = 65_536
MOST_PENDING = 64
MOST_RECENT = 256
STAYS_US = (500_000, 2_500_000)
"""
An access point that stays was heard at most the first time before a goodbye, and is
heard after it between the first and the second; one that stops may still send beacons
that were queued.
"""

Columns = tuple[list[int], list[int], list[int]]
"""Marks in order, part by part: there are too many in a flood for objects."""

Pending = tuple[int, int, int, int]
"""A late goodbye to all stations as in `Mark`, and the time of the beacon before it."""

NEW_HANDSHAKE_US = 2_000_000
"""Key messages within this time belong to one handshake."""


@dataclass(frozen=True, slots=True)
class HarvestParams:
    """Thresholds of WD302."""

    burst_s: float = param(2.0, "s", "Length of a burst.", least=0.1, most=60)
    burst_frames: int = param(5, "frames", "Goodbyes that make a burst.", least=2)
    return_s: float = param(30.0, "s", "Time for the handshake.", least=1, most=600)
    cycles_window_s: float = param(120.0, "s", "Window for cycles.", least=1, most=3600)
    threshold_cycles: int = param(
        3, "cycles", "Goodbyes with a handshake that suffice without a burst.", least=2
    )


@dataclass(slots=True)
class _Goodbyes:
    """Goodbyes of the last burst length, the last burst, the last one by the AP."""

    recent: Columns = ([], [], [])
    burst: tuple[Mark, ...] = ()
    by_ap: Mark | None = None

    def add(self, new: Columns, burst_us: int, burst_frames: int) -> None:
        """Goodbyes in order of arrival; the last that ends a burst counts."""
        known = len(self.recent[0])
        times, stamps, numbers = (
            old + more for old, more in zip(self.recent, new, strict=True)
        )

        def begin(end: int) -> int:
            old = bisect_right(times, times[end] - burst_us)
            return max(old, end - MOST_RECENT + 1)

        newest = len(times) - 1
        for end in range(newest, known - 1, -1):
            if end - begin(end) + 1 >= burst_frames:
                self.burst = tuple(
                    Mark(times[at], stamps[at], numbers[at]) for at in (begin(end), end)
                )
                break
        start = begin(newest)
        self.recent = (times[start:], stamps[start:], numbers[start:])


@dataclass(slots=True)
class _Pair:
    """When its last handshake began, and the goodbyes that led to its handshakes."""

    handshake: Mark | None = None
    newest_us: int = 0
    cycles: deque[Mark] = field(default_factory=deque)


@dataclass(slots=True)
class _Bss:
    """Last beacon; late group goodbyes and the beacon before each; the last forged."""

    beacon_us: int | None = None
    pending: list[Pending] = field(default_factory=list)
    forged: Mark | None = None

    def beaconed(self, now_us: int) -> Mark | None:
        """A beacon comes: settle what is pending; the last goodbye that was forged."""
        self.beacon_us = now_us
        soon_us, late_us = STAYS_US
        if not self.pending or now_us - self.pending[0][0] < soon_us:
            return None
        forged = None
        young = len(self.pending)
        for at in range(young - 1, -1, -1):
            elapsed_us, ts_us, number, beacon_us = self.pending[at]
            age_us = now_us - elapsed_us
            if age_us < soon_us:
                young = at
            elif age_us <= late_us and elapsed_us - beacon_us <= soon_us:
                forged = Mark(elapsed_us, ts_us, number)
                break
        del self.pending[:young]
        return forged


class _Leaving:
    """
    The goodbyes of a block that are still to be taken in.

    Args:
        rows: their rows, ascending.
    """

    def __init__(self, frames: Frames, rows: Rows) -> None:
        bssid, receiver = frames.bssid[rows], frames.receiver[rows]
        to_ap = receiver == bssid
        grouped = (receiver & np.uint64(GROUP_BIT)) != 0
        station = np.where(to_ap, frames.transmitter[rows], receiver)
        station[(station & np.uint64(GROUP_BIT)) != 0] = BROADCAST
        self.pairs = Batches(rows, (bssid, station))
        order = self.pairs.order
        self.columns = _columns(frames, rows[order])
        self.by_ap: list[bool] = (~(to_ap | grouped))[order].tolist()
        self.grouped = rows[grouped]
        self.to_all = Batches(self.grouped, (bssid[grouped],))
        self.columns_to_all = _columns(frames, self.grouped[self.to_all.order])


class HandshakeHarvest(Detector):
    """WD302."""

    code = "WD302"
    slug = "handshake_harvest"
    title = "Handshake harvest after forced disconnection"
    severity = Severity.HIGH
    attack = "T1110.002"
    kinds = (BEACON, DEAUTH, DISASSOC, *DATA_KINDS)
    key_names = ("bssid", "station")
    # No less than cycles_window_s, so that a new alert shares no goodbye with the last.
    quiet_s = 120.0
    Params = HarvestParams

    def __init__(
        self, params: HarvestParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        self._burst_us = round(self.params.burst_s * 1e6)
        self._goodbyes: dict[tuple[int, int], _Goodbyes] = {}
        self._pairs: dict[tuple[int, int], _Pair] = {}
        self._bsss: dict[int, _Bss] = {}
        self._pending: set[int] = set()

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting at each key message or beacon that completes the picture."""
        rows = frames.rows(DEAUTH, DISASSOC)
        if not (len(rows) or len(frames.eapol) or self._pending):
            self._remember(frames, self._pending)
            return
        leaving = _Leaving(frames, rows[(frames.flags[rows] & RETRY) == 0])
        beacons, watched = beacons_about(
            frames, leaving.grouped, self._pending, STAYS_US[1]
        )
        events = [(row, True) for row in beacons.tolist()]
        events += [(row, False) for row in answers(frames)]
        for row, is_beacon in sorted(events):
            if is_beacon:
                yield from self._beacon(frames, row, leaving)
            else:
                yield from self._returned(frames, row, leaving)
        for pair, part in leaving.pairs.rest():
            self._left(pair, part, leaving)
        for (bssid,), part in leaving.to_all.rest():
            self._left_all(bssid, part, leaving)
        while len(self._goodbyes) > MOST_PAIRS:
            del self._goodbyes[next(iter(self._goodbyes))]
        self._remember(frames, watched)

    def judge(self, case: Case) -> Verdict:
        """High: the handshake can be tried against word lists at leisure."""
        bssid, station = (format_mac(int(part)) for part in case.key)
        burst, cycles = (
            int(case.evidence[name]) for name in ("peak_burst_frames", "peak_cycles")
        )
        if burst >= self.params.burst_frames:
            how = f"a burst of {burst} goodbyes"
        elif case.evidence["peak_forged"]:
            how = "a goodbye to all stations, forged because the access point stayed,"
        else:
            how = f"goodbyes {cycles} times"
        return Verdict(
            self.severity,
            min(0.95, 0.6 + burst / 200 + 0.05 * cycles),
            f"Station {station} was thrown off {bssid} by {how} and made a new "
            f"handshake at once, which can be recorded to guess the passphrase.",
        )

    def _left(self, pair: tuple[int, ...], part: slice, leaving: _Leaving) -> None:
        """Take in goodbyes of a pair, also a station that is `BROADCAST`."""
        bssid, station = pair
        goodbyes = self._goodbyes.pop((bssid, station), None) or _Goodbyes()
        self._goodbyes[bssid, station] = goodbyes
        if part.start == part.stop:
            return
        new = _cut(leaving.columns, part)
        goodbyes.add(new, self._burst_us, self.params.burst_frames)
        by_ap = leaving.by_ap[part]
        if True in by_ap:
            last = len(by_ap) - 1 - by_ap[::-1].index(True)
            goodbyes.by_ap = Mark(*(values[last] for values in new))

    def _left_all(self, bssid: int, part: slice, leaving: _Leaving) -> None:
        """Take in goodbyes to all stations since the last beacon."""
        if part.start == part.stop:
            return
        bss = self._bsss.get(bssid)
        if bss is None or bss.beacon_us is None:
            return
        room = MOST_PENDING - len(bss.pending)
        part = slice(part.start, min(part.stop, part.start + room))
        new = _cut(leaving.columns_to_all, part)
        bss.pending += zip(*new, repeat(bss.beacon_us), strict=False)
        self._pending.add(bssid)

    def _beacon(
        self, frames: Frames, row: int, leaving: _Leaving
    ) -> Iterator[Sighting]:
        """A group goodbye between two beacons of an AP that stays is forged."""
        bssid = int(frames.bssid[row])
        self._left_all(bssid, leaving.to_all.before((bssid,), row), leaving)
        now_us = int(frames.elapsed_us[row])
        bss = self._bsss.setdefault(bssid, _Bss())
        forged = bss.beaconed(now_us)
        if not bss.pending:
            self._pending.discard(bssid)
        if forged is None:
            return
        bss.forged = forged
        for (of, station), pair in list(self._pairs.items()):
            begun = pair.handshake
            if of == bssid and begun is not None and begun > forged:
                self._catch_up((bssid, station), row, leaving)
                yield self._sighting(frames, row, bssid, station)

    def _remember(self, frames: Frames, watched: AbstractSet[int]) -> None:
        """The last beacon of each BSS that no goodbye is pending for."""
        beacons = beacons_by_bssid(frames)
        times = frames.elapsed_us[beacons.rows[beacons.newest]].tolist()
        for bssid, now_us in zip(beacons.bssids, times, strict=True):
            if bssid in watched:
                continue
            bss = self._bsss.pop(bssid, None) or _Bss()
            bss.beacon_us = now_us
            self._bsss[bssid] = bss
        while len(self._bsss) > MOST_PAIRS:
            del self._bsss[next(iter(self._bsss))]

    def _catch_up(self, pair: tuple[int, int], row: int, leaving: _Leaving) -> None:
        """Take in the goodbyes before *row* that bear on a handshake of *pair*."""
        for key in (pair, (pair[0], BROADCAST)):
            part = leaving.pairs.before(key, row)
            if part.start < part.stop:
                self._left(key, part, leaving)

    def _returned(
        self, frames: Frames, row: int, leaving: _Leaving
    ) -> Iterator[Sighting]:
        bssid = int(frames.bssid[row])
        to_ap = int(frames.receiver[row]) == bssid
        station = int((frames.transmitter if to_ap else frames.receiver)[row])
        here = mark(frames, row)
        key = (bssid, station)
        pair = self._pairs.pop(key, None) or _Pair()
        self._pairs[key] = pair
        if len(self._pairs) > MOST_PAIRS:
            del self._pairs[next(iter(self._pairs))]
        self._catch_up(key, row, leaving)
        new = here.elapsed_us - pair.newest_us > NEW_HANDSHAKE_US
        if pair.handshake is None or new:
            pair.handshake = here
            last = self._goodbyes.get(key, _Goodbyes()).by_ap
            fresh = last is not None and last not in pair.cycles
            if last is not None and fresh and self._recent(last, here):
                pair.cycles.append(last)
        pair.newest_us = here.elapsed_us
        old_us = here.elapsed_us - round(self.params.cycles_window_s * 1e6)
        while pair.cycles and pair.cycles[0].elapsed_us <= old_us:
            pair.cycles.popleft()
        yield self._sighting(frames, row, bssid, station)

    def _recent(self, goodbye: Mark, here: Mark) -> bool:
        passed_us = here.elapsed_us - goodbye.elapsed_us
        return bool(passed_us < self.params.return_s * 1e6)

    def _sighting(self, frames: Frames, row: int, bssid: int, station: int) -> Sighting:
        here, pair = mark(frames, row), self._pairs[bssid, station]
        bursts = [
            goodbyes
            for key in ((bssid, station), (bssid, BROADCAST))
            if (goodbyes := self._goodbyes.get(key)) is not None
            and goodbyes.burst
            and self._recent(goodbyes.burst[-1], here)
        ]
        forged = self._bsss.get(bssid, _Bss()).forged
        if forged is not None and not (
            pair.handshake and pair.handshake > forged and self._recent(forged, here)
        ):
            forged = None
        proof = {m for goodbyes in bursts for m in goodbyes.burst} | set(pair.cycles)
        if forged is not None:
            proof.add(forged)
        params = self.params
        return Step(
            key=(bssid, station),
            here=here,
            proof=lambda: sorted(proof | {here}),
            subject=lambda: subject_at(frames, row, bssid=bssid, station=station),
            facts={
                "burst_frames": params.burst_frames,
                "burst_s": params.burst_s,
                "return_s": params.return_s,
                "threshold_cycles": params.threshold_cycles,
            },
            peaks={
                "peak_burst_frames": max((len(g.recent[0]) for g in bursts), default=0),
                "peak_cycles": len(pair.cycles),
                "peak_forged": int(forged is not None),
            },
            enough=bool(bursts)
            or forged is not None
            or len(pair.cycles) >= params.threshold_cycles,
        )


def _columns(frames: Frames, rows: Rows) -> Columns:
    return (
        frames.elapsed_us[rows].tolist(),
        frames.ts_us[rows].tolist(),
        frames.number[rows].tolist(),
    )


def _cut(columns: Columns, part: slice) -> Columns:
    return columns[0][part], columns[1][part], columns[2][part]
