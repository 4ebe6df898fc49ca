"""
Frames → Observations: counts per transmitter, channel and window of 10 s.

Windows are those of elapsed time, which never runs backwards, so a window is complete
as soon as a frame of a later one comes: no frame is late, and how the frames are cut
into blocks does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import add, itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.addresses import NO_ADDRESS
from sentinel_netlab.core.frames import (
    NO_DBM,
    NO_HEADER,
    PROTECTED,
    RETRY,
    Advertisement,
    Frames,
    Rows,
)
from sentinel_netlab.core.kinds import BEACON
from sentinel_netlab.core.observations import WINDOW_US, Observation
from sentinel_netlab.core.security import security_of
from sentinel_netlab.survey.groups import Groups

Key = tuple[int, ...]
"""Elapsed window, window, transmitter, frequency, channel; times in µs."""

COUNTS = (
    "frames",
    "management",
    "control",
    "data",
    "retries",
    "protected",
    "octets",
    "beacons",
)
NO_SIGNAL_MIN = 32767

MOST_IN_WINDOW = 65_536
"""Transmitters kept apart in one window; frames of further ones are only counted."""


@dataclass(slots=True)
class _Tally:
    first_us: int
    last_us: int
    sums: tuple[int, ...]
    signal_min: int
    signal_max: int
    identity: Advertisement | None = None


class Survey:
    """
    Observations of one stream of frames.

    Attributes:
        left_out: frames of transmitters beyond `MOST_IN_WINDOW` in a window.
    """

    def __init__(self) -> None:
        self._open: dict[Key, _Tally] = {}
        self._sizes: dict[int, int] = {}
        self.left_out = 0

    def add(self, frames: Frames) -> list[Observation]:
        """Count *frames*; give the observations of the windows that are complete."""
        usable = (frames.malformed & NO_HEADER) == 0
        usable &= frames.transmitter != NO_ADDRESS
        rows = np.flatnonzero(usable)
        if not len(rows):
            return []
        shift_us = (frames.elapsed_us - frames.ts_us) // WINDOW_US * WINDOW_US
        elapsed_window = frames.elapsed_us // WINDOW_US * WINDOW_US
        groups = Groups.of(
            [
                elapsed_window[rows],
                (elapsed_window - shift_us)[rows],
                frames.transmitter[rows],
                frames.frequency_mhz[rows],
                frames.channel[rows],
            ]
        )
        self._count(frames, rows, groups)
        self._identify(frames, elapsed_window, elapsed_window - shift_us)
        return self._close(before_us=int(elapsed_window[rows[-1]]))

    def advance(self, now_us: int) -> list[Observation]:
        """The observations of windows that ended before *now_us*, elapsed time."""
        return self._close(before_us=now_us // WINDOW_US * WINDOW_US)

    def finish(self) -> list[Observation]:
        """The observations of the windows that are still open."""
        return self._close(before_us=None)

    def _count(self, frames: Frames, rows: Rows, groups: Groups) -> None:
        ts_us, signal = frames.ts_us[rows], frames.signal_dbm[rows].astype(np.int64)
        heard = signal != NO_DBM
        table = zip(
            groups.key_tuples(),
            groups.order[groups.starts].tolist(),
            groups.lowest(ts_us),
            groups.highest(ts_us),
            groups.lowest(np.where(heard, signal, NO_SIGNAL_MIN)),
            groups.highest(np.where(heard, signal, NO_DBM)),
            zip(*(groups.sum(part) for part in _parts(frames, rows)), strict=True),
            strict=True,
        )
        # In order of arrival, so that a full window refuses the same keys however the
        # frames are cut.
        for key, _, first, last, low, high, sums in sorted(table, key=itemgetter(1)):
            tally = self._open.get(key)
            if tally is None:
                self._start(key, _Tally(first, last, sums, low, high))
                continue
            tally.first_us = min(tally.first_us, first)
            tally.last_us = max(tally.last_us, last)
            tally.signal_min = min(tally.signal_min, low)
            tally.signal_max = max(tally.signal_max, high)
            tally.sums = tuple(map(add, tally.sums, sums))

    def _start(self, key: Key, tally: _Tally) -> None:
        size = self._sizes.get(key[0], 0)
        if size >= MOST_IN_WINDOW:
            self.left_out += tally.sums[0]
            return
        self._sizes[key[0]] = size + 1
        self._open[key] = tally

    def _identify(
        self,
        frames: Frames,
        elapsed_window: NDArray[np.int64],
        window: NDArray[np.int64],
    ) -> None:
        """The last advertisement of a window says who its transmitter is."""
        newest: dict[Key, tuple[int, Advertisement]] = {}
        for group in frames.advertisements:
            rows = group.rows
            address = int(frames.transmitter[rows[0]])
            inside = elapsed_window[rows]
            alike = inside[0] == inside[-1]  # elapsed time is in order
            for one in inside[:1].tolist() if alike else np.unique(inside).tolist():
                row = int(rows[-1] if alike else rows[inside == one][-1])
                key: Key = (
                    one,
                    int(window[row]),
                    address,
                    group.frequency_mhz,
                    group.channel,
                )
                if row >= newest.get(key, (-1, group))[0]:
                    newest[key] = (row, group)
        for where, (_, group) in newest.items():
            tally = self._open.get(where)
            if tally is not None:
                tally.identity = group

    def _close(self, *, before_us: int | None) -> list[Observation]:
        done = [key for key in self._open if before_us is None or key[0] < before_us]
        if done:
            self._sizes = {
                key: size
                for key, size in self._sizes.items()
                if before_us is not None and key >= before_us
            }
        return [_observation(key, self._open.pop(key)) for key in sorted(done)]


def _parts(frames: Frames, rows: Rows) -> list[NDArray[Any]]:
    """The summed columns, in the order of `_Tally.sums`."""
    family, flags = frames.kind[rows] >> 4, frames.flags[rows]
    signal = frames.signal_dbm[rows].astype(np.int64)
    heard = signal != NO_DBM
    return [
        np.ones(len(rows), np.int64),
        family == 0,
        family == 1,
        family == 2,
        (flags & RETRY) != 0,
        (flags & PROTECTED) != 0,
        frames.length[rows],
        frames.kind[rows] == BEACON,
        heard,
        np.where(heard, signal, 0),
    ]


def _observation(key: Key, tally: _Tally) -> Observation:
    _, window_us, transmitter, frequency_mhz, channel = key
    *counts, heard, signal_sum = tally.sums
    who = tally.identity
    security = who and security_of(who.elements, who.capability)
    return Observation(
        window_us=window_us,
        transmitter=transmitter,
        channel=channel,
        frequency_mhz=frequency_mhz,
        first_us=tally.first_us,
        last_us=tally.last_us,
        signal_frames=heard,
        signal_mean_dbm=round(signal_sum / heard, 2) if heard else None,
        signal_min_dbm=tally.signal_min if heard else None,
        signal_max_dbm=tally.signal_max if heard else None,
        bssid=who.bssid if who else None,
        ssid=who.elements.ssid if who else None,
        security=security.label if security else None,
        fingerprint=who.elements.fingerprint if who else None,
        **dict(zip(COUNTS, counts, strict=True)),
    )
