"""
One access point under many names (KARMA).

Trigger:
    One BSSID advertises more than *threshold_ssids* different SSIDs, each at least
    *steady_frames* times, inside *window_s*.

Source:
    Dai Zovi and Macaulay, "Attacking Automatic Wireless Network Selection", IEEE IAW
    2005; airbase-ng ``-P -C``.

Units:
    Distinct SSIDs per BSSID and window of capture time.

Threshold:
    2 SSIDs in 60 s, each advertised twice.  Every BSSID of the benign captures has one
    name; the attack shows 4, two of them alike (a11_airbase_karma).

False positives:
    Access points with several names use a BSSID for each.  A renamed network shows
    two names.  Names that differ by a few damaged bytes count as one.

Blind spots:
    An attacker with one BSSID per name (WD205); one that answers a single name, such
    as the only one that a client asks for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import Frames, Rows
from sentinel_netlab.core.kinds import ADVERTISING
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.core.ssid import display_ssid
from sentinel_netlab.detect.advertised import View, views
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import param
from sentinel_netlab.detect.sightings import (
    Case,
    Mark,
    Sighting,
    Step,
    Verdict,
    mark,
    marks,
)
from sentinel_netlab.detect.sources import subject_at

MOST_BSSIDS = 16_384
MOST_NAMES = 64
SHOWN_NAMES = 8
DAMAGED_BYTES = 3
"""Names of one length that differ in so few bytes may be one name with bit errors."""


@dataclass(frozen=True, slots=True)
class KarmaParams:
    """Thresholds of WD204."""

    window_s: float = param(60.0, "s", "Length of the window.", least=1, most=3600)
    threshold_ssids: int = param(
        2, "SSIDs", "More names of one BSSID raise an alert.", least=1
    )
    steady_frames: int = param(
        2, "frames", "Advertisements after which a name counts.", least=1
    )


@dataclass(slots=True)
class _Name:
    """How often a name was advertised, and its newest advertisement."""

    count: int
    last: Mark


class _Heard(NamedTuple):
    """
    Advertisements of one name in a block.

    Attributes:
        name: the state after them.
        anew_at: row from which it counts anew; -1 if it goes on from before.
        spans: when it counts as steady: from and until, elapsed µs.
    """

    name: _Name
    anew_at: int
    spans: list[tuple[int, int]]


class Karma(Detector):
    """WD204."""

    code = "WD204"
    slug = "karma"
    title = "One access point under many names"
    severity = Severity.HIGH
    attack = "T1557.004"
    kinds = ADVERTISING
    key_names = ("bssid",)
    quiet_s = 60.0
    Params = KarmaParams

    def __init__(
        self, params: KarmaParams | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(params, policy)
        self._window_us = round(self.params.window_s * 1e6)
        self._names: dict[int, dict[bytes, _Name]] = {}

    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """A sighting at each advertisement of a BSSID with too many names."""
        shown: dict[int, list[View]] = {}
        for view in views(frames):
            shown.setdefault(view.bssid, []).append(view)
        rows: list[tuple[int, View]] = []
        for bssid, of_one in shown.items():
            if len(of_one) == 1 and self._goes_on(of_one[0]):
                continue
            if not self._at_once(frames, bssid, of_one):
                rows += [(row, view) for view in of_one for row in view.rows.tolist()]
        rows.sort(key=itemgetter(0))
        heard = marks(frames, np.array([row for row, _ in rows], np.intp))
        oldest_us: dict[int, int] = {}
        for (row, view), here in zip(rows, heard, strict=True):
            steady = self._seen(view, here, oldest_us)
            if steady:
                yield self._step(frames, row, view, here, steady)
        while len(self._names) > MOST_BSSIDS:
            self._names.pop(next(iter(self._names)))

    def judge(self, case: Case) -> Verdict:
        """High: clients that look for any of those names connect to it."""
        names = int(case.evidence["peak_ssids"])
        return Verdict(
            self.severity,
            min(0.98, 0.5 + 0.1 * names),
            f"Access point {format_mac(int(case.key[0]))} answers to {names} names "
            f"within {self.params.window_s:g} s, for instance "
            f"{', '.join(repr(name) for name in case.evidence['ssids'][:3])}.",
        )

    def _goes_on(self, view: View) -> bool:
        """Take in advertisements of a BSSID that has one name, without a long pause."""
        known = self._names.setdefault(view.bssid, {})
        name = known.get(view.ssid)
        if len(known) > (name is not None):
            return False
        first_us, last_us = view.head[0].elapsed_us, view.last.elapsed_us
        if last_us - first_us >= self._window_us:
            return False
        count = len(view.rows)
        if name is None:
            known[view.ssid] = _Name(count, view.last)
            return True
        if first_us - name.last.elapsed_us < self._window_us:
            count += name.count
        name.count, name.last = count, view.last
        return True

    def _at_once(self, frames: Frames, bssid: int, of_one: list[View]) -> bool:
        """Take in all advertisements of a BSSID, unless its names may be too many."""
        known = self._names.setdefault(bssid, {})
        rows_of: dict[bytes, Rows] = {}
        for view in of_one:
            rows = rows_of.get(view.ssid)
            rows_of[view.ssid] = view.rows if rows is None else _merged(rows, view.rows)
        names = len(known.keys() | rows_of.keys())
        if names > MOST_NAMES:
            return False
        heard = {
            ssid: self._heard(frames, rows, known.get(ssid))
            for ssid, rows in rows_of.items()
        }
        if names == 1:
            known.update((ssid, one.name) for ssid, one in heard.items())
        elif self._may_be_too_many(known, heard):
            return False
        else:
            self._replace(known, heard)
        return True

    def _may_be_too_many(
        self, known: dict[bytes, _Name], heard: dict[bytes, _Heard]
    ) -> bool:
        spans = {ssid: one.spans for ssid, one in heard.items() if one.spans}
        for ssid, name in known.items():
            if ssid not in heard and name.count >= self.params.steady_frames:
                spans[ssid] = [(0, name.last.elapsed_us + self._window_us)]
        limit = self.params.threshold_ssids
        if len(spans) <= limit:
            return False
        listed = [span for of_one in spans.values() for span in of_one]
        return bool(_most_at_once(listed) > limit and _most_apart(spans) > limit)

    def _heard(self, frames: Frames, rows: Rows, name: _Name | None) -> _Heard:
        """What the advertisements of one name in a block amount to."""
        steady, times_us = self.params.steady_frames, frames.elapsed_us[rows]
        first_us, last_us = int(times_us[0]), int(times_us[-1])
        starts, spans, count = [0], [], 0
        if last_us - first_us >= self._window_us:
            starts += (
                np.flatnonzero(np.diff(times_us) >= self._window_us) + 1
            ).tolist()
        fresh = True
        if name is not None:
            fresh = first_us - name.last.elapsed_us >= self._window_us
            if name.count >= steady:
                spans.append((0, name.last.elapsed_us + self._window_us))
            count = 0 if fresh else name.count
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
            at = start + max(0, steady - 1 - count)
            count += end - start
            if count >= steady:
                until_us = int(times_us[end - 1]) + self._window_us
                spans.append((int(times_us[at]), until_us))
            total, count = count, 0
        fresh = fresh or len(starts) > 1
        return _Heard(
            _Name(total, mark(frames, int(rows[-1]))),
            int(rows[starts[-1]]) if fresh else -1,
            spans,
        )

    def _replace(self, known: dict[bytes, _Name], heard: dict[bytes, _Heard]) -> None:
        """Names heard anew stand behind the others; stale ones are gone."""
        for ssid, one in sorted(heard.items(), key=lambda item: item[1].anew_at):
            if one.anew_at >= 0:
                known.pop(ssid, None)
            known[ssid] = one.name
        end_us = max(one.name.last.elapsed_us for one in heard.values())
        old_us = end_us - self._window_us
        _forget(known, old_us)

    def _seen(self, view: View, here: Mark, oldest_us: dict[int, int]) -> list[bytes]:
        """
        Take in an advertisement; the names of the BSSID if they are too many.

        Args:
            oldest_us: a time before which no name of a BSSID was advertised last.
        """
        names = self._names.setdefault(view.bssid, {})
        old_us = here.elapsed_us - self._window_us
        if oldest_us.get(view.bssid, old_us) <= old_us:
            _forget(names, old_us)
            times = (name.last.elapsed_us for name in names.values())
            oldest_us[view.bssid] = min(times, default=here.elapsed_us)
        name = names.get(view.ssid)
        if name is None:
            if len(names) >= MOST_NAMES:
                return []
            name = names[view.ssid] = _Name(0, here)
        name.count, name.last = name.count + 1, here
        limit, enough = self.params.threshold_ssids, self.params.steady_frames
        if len(names) <= limit:
            return []
        steady = [s for s, n in names.items() if n.count >= enough]
        if len(steady) > limit:
            steady = _apart(steady)
        return steady if len(steady) > limit else []

    def _step(
        self, frames: Frames, row: int, view: View, here: Mark, steady: list[bytes]
    ) -> Step:
        names = self._names[view.bssid]
        return Step(
            key=(view.bssid,),
            here=here,
            proof=lambda: sorted({names[ssid].last for ssid in steady} | {here}),
            subject=lambda: subject_at(
                frames, row, bssid=view.bssid, ssid=view.ssid, transmitter=view.bssid
            ),
            facts={
                "ssids": [display_ssid(ssid) for ssid in steady[:SHOWN_NAMES]],
                "threshold_ssids": self.params.threshold_ssids,
                "window_s": self.params.window_s,
            },
            peaks={"peak_ssids": len(steady)},
        )


def _forget(names: dict[bytes, _Name], old_us: int) -> None:
    """Names that were not advertised since."""
    for ssid in [s for s, n in names.items() if n.last.elapsed_us <= old_us]:
        del names[ssid]


def _merged(one: Rows, other: Rows) -> Rows:
    return np.sort(np.concatenate((one, other)))


def _most_at_once(spans: list[tuple[int, int]]) -> int:
    """How many of *spans* overlap at most."""
    ends = sorted(until for _, until in spans)
    begins = sorted(begin for begin, _ in spans)
    return max(
        (number - bisect_right(ends, begin) for number, begin in enumerate(begins, 1)),
        default=0,
    )


def _most_apart(names: Iterable[bytes]) -> int:
    """A number that `_apart` does not exceed for any of *names* in any order."""
    alike: list[list[bytes]] = []
    for name in names:
        for group in alike:
            if all(_alike(name, other) for other in group):
                group.append(name)
                break
        else:
            alike.append([name])
    return len(alike)


def _apart(names: list[bytes]) -> list[bytes]:
    """*names* without those that may be a damaged copy of an earlier one."""
    kept: list[bytes] = []
    for name in names:
        if not any(_alike(name, other) for other in kept):
            kept.append(name)
    return kept


def _alike(one: bytes, other: bytes) -> bool:
    if one.startswith(other) or other.startswith(one):
        return True
    if len(one) != len(other):
        return False
    differing = sum(a != b for a, b in zip(one, other, strict=True))
    return differing <= min(DAMAGED_BYTES, len(one) // 2)
