"""
WEP under attack: replayed or fragmented frames.

Trigger:
    A transmitter reuses a WEP IV in more than *threshold_reused* frames inside
    *window_s* (retransmissions left out); or it sends more than *threshold_small*
    small group-addressed WEP frames in one second (ARP replay).

Source:
    Bittau, Handley and Lackey, "The Final Nail in WEP's Coffin", IEEE S&P 2006
    (fragmentation); KoreK's chopchop; ``aireplay-ng -3/-4/-5``; IEEE Std 802.11-2020,
    12.3.2.2: every fragment has an IV of its own.

Units:
    Frames per transmitter and window of capture time.

Threshold:
    10 frames with reused IVs in 10 s; 25 small group-addressed frames in 1 s.
    The
    benign captures hold none; the weakest attack reuses 101 (a14b_wep_fragment).

False positives:
    Old drivers that begin with the same IV at each start reuse one now and then.

Blind spots:
    Passive collection of IVs; WEP itself is the finding there (WD602).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat, takewhile
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.addresses import GROUP_BIT, format_mac
from sentinel_netlab.core.alerts import Severity, Subject
from sentinel_netlab.core.frames import IV_WEP, RETRY, Frames, Rows
from sentinel_netlab.core.kinds import DATA_KINDS
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.batches import Batches
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

SMALL_BYTES = 100
"""An ARP packet with LLC, IV and ICV has 44 to 90 bytes, padded or not."""

SMALL_WINDOW_US = 1_000_000
MOST_TRANSMITTERS = 16_384
MOST_IVS = 8192
AT_ONCE = 1024
"""Frames whose IVs are looked up together: few enough that none is forgotten."""

NEVER_US = -(2**63)

Address = tuple[int, int]
"""BSSID and transmitter."""


@dataclass(frozen=True, slots=True)
class WepParams:
    """Thresholds of WD305."""

    window_s: float = param(10.0, "s", "Window for reused IVs.", least=1, most=600)
    threshold_reused: int = param(
        10, "frames", "More frames with reused IVs raise an alert.", least=1
    )
    threshold_small: int = param(
        25, "frames", "More small group-addressed frames in 1 s raise one.", least=1
    )


@dataclass(slots=True)
class _Transmitter:
    """IVs with time of last use, oldest first; marks of what stands out."""

    ivs: dict[int, int] = field(default_factory=dict)
    reused: deque[Mark] = field(default_factory=deque)
    small: deque[Mark] = field(default_factory=deque)


class WepAttack(Detector):
    """WD305."""

    code = "WD305"
    slug = "wep_attack"
    title = "Attack on WEP"
    severity = Severity.HIGH
    attack = "T1110.002"
    kinds = DATA_KINDS
    key_names = ("bssid", "transmitter")
    Params = WepParams

    def __init__(
        self, params: WepParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        self._window_us = round(self.params.window_s * 1e6)
        self._transmitters: dict[Address, _Transmitter] = {}
        self._facts = {
            "window_s": self.params.window_s,
            "threshold_reused": self.params.threshold_reused,
            "threshold_small": self.params.threshold_small,
        }

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting at each frame that reuses an IV or is one of many small ones."""
        rows = frames.rows(*DATA_KINDS)
        rows = rows[(frames.iv[rows] == IV_WEP) & ((frames.flags[rows] & RETRY) == 0)]
        if len(rows):
            yield from self._inspect(frames, rows)

    def judge(self, case: Case) -> Verdict:
        """High: the key falls within minutes."""
        bssid, transmitter = (format_mac(int(part)) for part in case.key)
        reused, small = (
            int(case.evidence[name]) for name in ("peak_reused", "peak_small")
        )
        what = (
            f"replays frames ({reused} with used IVs in {self.params.window_s:g} s)"
            if reused > self.params.threshold_reused
            else f"injects small broadcasts ({small} in 1 s)"
        )
        return Verdict(
            self.severity,
            min(0.97, 0.6 + max(reused, small) / 200),
            f"{transmitter} {what} into the WEP network of {bssid} to recover its key.",
        )

    def _inspect(self, frames: Frames, rows: Rows) -> Iterator[Sighting]:
        by_one = Batches(rows, (frames.bssid[rows], frames.transmitter[rows]))
        parts = list(by_one.rest())
        room = MOST_TRANSMITTERS - len(self._transmitters)
        if len(rows) > 1 and len(parts) > room:
            # Some will be forgotten, at the frame that there is no room for.
            for alone in np.split(rows, len(rows)):
                yield from self._inspect(frames, alone)
            return
        rows = rows[by_one.order]
        times_us, numbers, small = frames.elapsed_us[rows], *_wep(frames, rows)
        found: list[tuple[int, Address, _Transmitter, bool, bool]] = []
        for (bssid, address), part in parts:
            one = self._of((bssid, address))
            reused = self._reused(one, numbers[part], times_us[part])
            at = np.flatnonzero(reused | small[part])
            found += zip(
                rows[part][at].tolist(),
                repeat((bssid, address)),
                repeat(one),
                reused[at].tolist(),
                small[part][at].tolist(),
                strict=False,
            )
        found.sort(key=itemgetter(0))
        heard = marks(frames, np.array([row for row, *_ in found], np.intp))
        for (row, key, one, is_reused, is_small), here in zip(
            found, heard, strict=True
        ):
            self._count(one, here, reused=is_reused, small=is_small)
            yield self._sighting(frames, row, key, one, here)

    def _of(self, key: Address) -> _Transmitter:
        one = self._transmitters.pop(key, None) or _Transmitter()
        self._transmitters[key] = one
        if len(self._transmitters) > MOST_TRANSMITTERS:
            del self._transmitters[next(iter(self._transmitters))]
        return one

    def _reused(
        self, one: _Transmitter, numbers: NDArray[np.int64], times_us: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Which frames of a transmitter reuse an IV; remembers all of them."""
        parts = [
            _used_before(
                one.ivs,
                numbers[start : start + AT_ONCE],
                times_us[start : start + AT_ONCE],
                self._window_us,
            )
            for start in range(0, len(numbers), AT_ONCE)
        ]
        reused: NDArray[np.bool_] = np.concatenate(parts) >= times_us - self._window_us
        return reused

    def _count(
        self, one: _Transmitter, here: Mark, *, reused: bool, small: bool
    ) -> None:
        now_us = here.elapsed_us
        if reused:
            one.reused.append(here)
        if small:
            one.small.append(here)
        _forget(one.reused, now_us - self._window_us)
        _forget(one.small, now_us - SMALL_WINDOW_US)

    def _sighting(
        self,
        frames: Frames,
        row: int,
        key: Address,
        one: _Transmitter,
        here: Mark,
    ) -> Sighting:
        over_reused = len(one.reused) > self.params.threshold_reused
        over_small = len(one.small) > self.params.threshold_small
        return Step(
            key=key,
            here=here,
            proof=lambda: sorted(
                {
                    *(one.reused if over_reused else ()),
                    *(one.small if over_small else ()),
                }
                | {here}
            ),
            subject=lambda: _subject(frames, row, key),
            facts=self._facts,
            peaks={"peak_reused": len(one.reused), "peak_small": len(one.small)},
            enough=over_reused or over_small,
        )


def _wep(frames: Frames, rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """IV with key id of each frame, and whether it is a small one for all stations."""
    small = (
        (frames.receiver[rows] == frames.bssid[rows])
        & ((frames.destination[rows] & np.uint64(GROUP_BIT)) != 0)
        & (frames.body_length[rows] <= SMALL_BYTES)
    )
    numbers = frames.packet_number[rows].astype(np.int64) << 2
    numbers |= frames.key_id[rows]
    return numbers, small


def _used_before(
    ivs: dict[int, int],
    numbers: NDArray[np.int64],
    times_us: NDArray[np.int64],
    window_us: int,
) -> NDArray[np.int64]:
    """When each of *numbers* was used before, if known; keeps *ivs* up to date."""
    old_us = int(times_us[0]) - window_us
    for number in list(takewhile(lambda number: ivs[number] < old_us, ivs)):
        del ivs[number]
    if len(ivs) + len(numbers) > MOST_IVS:
        pairs = zip(numbers.tolist(), times_us.tolist(), strict=True)
        return np.array([_used(ivs, number, now_us) for number, now_us in pairs])
    order = np.argsort(numbers, kind="stable")
    same = numbers[order[1:]] == numbers[order[:-1]]
    before_us = np.empty_like(times_us)
    before_us[order[1:]] = times_us[order[:-1]]
    first = order[np.append(True, ~same)]
    before_us[first] = list(map(ivs.get, numbers[first].tolist(), repeat(NEVER_US)))
    last = np.sort(order[np.append(~same, True)])
    used = numbers[last].tolist()
    for again in used:
        ivs.pop(again, None)
    ivs.update(zip(used, times_us[last].tolist(), strict=True))
    return before_us


def _used(ivs: dict[int, int], number: int, now_us: int) -> int:
    before_us = ivs.pop(number, NEVER_US)
    ivs[number] = now_us
    if len(ivs) > MOST_IVS:
        del ivs[next(iter(ivs))]
    return before_us


def _subject(frames: Frames, row: int, key: Address) -> Subject:
    bssid, address = key
    station = None if address == bssid else address
    return subject_at(frames, row, bssid=bssid, station=station, transmitter=address)


def _forget(marks: deque[Mark], old_us: int) -> None:
    while marks and marks[0].elapsed_us <= old_us:
        marks.popleft()
