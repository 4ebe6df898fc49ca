"""
Sliding counts per key over event time, for all keys of a block at once.

A count at a frame is over the frames of the same key in the window that ends with it:
those that came no later in the stream and less than *window_s* before.  Between blocks
only the frames of the last window are kept, so memory is bounded by the frame rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.frames import RETRY, Frames, Rows
from sentinel_netlab.detect.sightings import Trail

RETRY_HORIZON_US = 1_000_000
"""A Retry of the same sequence number repeats a frame if it comes within this time."""


class Limit(NamedTuple):
    """
    A rate that is too much.

    Attributes:
        more_than: the highest count that is still ordinary.
        distinct: count different values (see `RateWindow.push`) instead of frames.
    """

    window_s: float
    more_than: int
    distinct: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """
    The new frames of one key that stands out in this block.

    Attributes:
        key: the parts of the key.
        rows: rows of the new frames in the block, ascending.
        trail: marks of the kept frames of the key and then of the new ones.
        begin: for each new frame, where in trail the widest exceeded window begins (the
            widest window if none is exceeded).
        enough: for each new frame, whether a limit is exceeded.
        counts: for each limit, the count at each new frame.
        values: of the frames of trail.
    """

    key: tuple[int, ...]
    rows: Rows
    trail: Trail
    begin: NDArray[np.int64]
    enough: NDArray[np.bool_]
    counts: tuple[NDArray[np.int64], ...]
    values: NDArray[np.uint64]


_NUMBERS = ("elapsed_us", "ts_us", "number", "row")

Columns = dict[str, NDArray[Any]]
"""Frames in order of arrival or of key; ``keys`` has shape (parts, frames)."""


class RateWindow:
    """
    Finds the keys whose frames exceed one of several limits.

    Args:
        limits: any of them suffices.
        quiet_s: how long a key that exceeded a limit is still reported, so that the
            frames of its open alert are counted.
        every: all limits must be exceeded at once, not just one.
        drop_retries: count a retransmission (same sender and sequence number, Retry
            set) once.
    """

    def __init__(
        self,
        limits: Sequence[Limit],
        *,
        quiet_s: float,
        every: bool = False,
        drop_retries: bool = True,
    ) -> None:
        self._limits = tuple(limits)
        self._every = every
        self._windows_us = [round(limit.window_s * 1e6) for limit in limits]
        self._widest = int(np.argmax(self._windows_us))
        self._quiet_us = round(quiet_s * 1e6)
        self._drop_retries = drop_retries
        self._kept: Columns | None = None
        self._hot: dict[tuple[int, ...], int] = {}

    def push(
        self,
        frames: Frames,
        rows: Rows,
        keys: Sequence[NDArray[Any]],
        values: NDArray[Any] | None = None,
    ) -> Iterator[Run]:
        """
        Count *rows* of *frames*; yield a run for each key that stands out.

        Args:
            rows: ascending rows of the block.
            keys: the parts of the key, one array per part, a number per row.
            values: what a limit with ``distinct`` counts, a number per row.
        """
        if not len(rows):
            return
        table = _arrivals(frames, rows, keys, values)
        if self._kept is not None:
            table = _joined(self._kept, table)
        now_us = int(table["elapsed_us"][-1])
        table, first = self._by_key(table)
        self._kept = self._still_needed(table, now_us)
        yield from self._runs(table, first)
        self._hot = {
            key: last
            for key, last in self._hot.items()
            if now_us - last <= self._quiet_us
        }

    def _by_key(self, table: Columns) -> tuple[Columns, NDArray[np.bool_]]:
        """The table sorted by key, and where a new key begins."""
        widest_us = self._windows_us[self._widest]
        steps = np.diff(table["elapsed_us"], prepend=table["elapsed_us"][:1])
        # Gaps wider than any window are shortened, so that years fit a composite key.
        table["time"] = np.cumsum(np.minimum(steps, widest_us + 1))
        order = np.lexsort(table["keys"])
        first = _changes(table["keys"][:, order])
        if self._drop_retries and table["retry"].any():
            order = order[_not_repeated(table, order, first)]
            first = _changes(table["keys"][:, order])
        table = _take(table, order)
        group = np.cumsum(first) - 1
        table["time"] += group * (table["time"].max(initial=0) + widest_us + 1)
        return table, first

    def _still_needed(self, table: Columns, now_us: int) -> Columns:
        horizon_us = max(self._windows_us[self._widest], RETRY_HORIZON_US)
        where = np.flatnonzero(table["elapsed_us"] > now_us - horizon_us)
        kept = _take(table, where[np.argsort(table["number"][where], kind="stable")])
        kept["row"] = np.full(len(kept["row"]), -1, np.int64)
        return kept

    def _runs(self, table: Columns, first: NDArray[np.bool_]) -> Iterator[Run]:
        begins = [
            np.searchsorted(table["time"], table["time"] - window_us, side="right")
            for window_us in self._windows_us
        ]
        new = table["row"] >= 0
        at = np.arange(len(new))
        suspect = np.zeros(len(new), np.bool_)
        for limit, begin in zip(self._limits, begins, strict=True):
            suspect |= (at - begin + 1) > limit.more_than
        starts = np.flatnonzero(first)
        marked = np.logical_or.reduceat(suspect & new, starts)
        awake = np.logical_or.reduceat(new, starts) if self._hot else marked
        ends = np.append(starts[1:], len(new))
        for index in np.flatnonzero(awake):
            start, end = int(starts[index]), int(ends[index])
            key = tuple(int(part) for part in table["keys"][::-1, start])
            if not marked[index] and key not in self._hot:
                continue
            run = self._run(table, begins, start, end, key)
            if run.enough.any():
                newest = run.trail.elapsed_us[-len(run.enough) :][run.enough][-1]
                self._hot[key] = int(newest)
            elif key not in self._hot:
                continue
            yield run

    def _run(
        self,
        table: Columns,
        begins: list[NDArray[np.int64]],
        start: int,
        end: int,
        key: tuple[int, ...],
    ) -> Run:
        rows = table["row"][start:end]
        old = int(np.count_nonzero(rows < 0))
        values = table["value"][start:end]
        at = np.arange(old, end - start)
        local = [begin[start + old : end] - start for begin in begins]
        counts = tuple(
            _distinct(values, begin, old) if limit.distinct else at - begin + 1
            for limit, begin in zip(self._limits, local, strict=True)
        )
        begin = local[self._widest].copy()
        over_each = []
        for limit, count, where in sorted(
            zip(self._limits, counts, local, strict=True), key=lambda part: part[0][0]
        ):
            over = count > limit.more_than
            begin[over] = where[over]
            over_each.append(over)
        combine = np.logical_and if self._every else np.logical_or
        enough = combine.reduce(over_each)
        trail = Trail(*(table[name][start:end] for name in _NUMBERS[:3]))
        return Run(key, rows[old:], trail, begin, enough, counts, values)


def _arrivals(
    frames: Frames,
    rows: Rows,
    keys: Sequence[NDArray[Any]],
    values: NDArray[Any] | None,
) -> Columns:
    sequence = frames.sequence[rows].astype(np.uint64) << np.uint64(4)
    sequence = (sequence | frames.fragment[rows].astype(np.uint64)) & np.uint64(0xFFFF)
    return {
        # lexsort takes the last row as the first key.
        "keys": np.stack([np.asarray(part).astype(np.uint64) for part in keys][::-1]),
        "elapsed_us": frames.elapsed_us[rows],
        "ts_us": frames.ts_us[rows],
        "number": frames.number[rows],
        "row": rows.astype(np.int64),
        "value": (
            np.zeros(len(rows), np.uint64)
            if values is None
            else np.asarray(values).astype(np.uint64)
        ),
        "stamp": (frames.transmitter[rows] << np.uint64(16)) | sequence,
        "retry": (frames.flags[rows] & RETRY) != 0,
    }


def _joined(kept: Columns, new: Columns) -> Columns:
    return {
        name: np.concatenate((kept[name], values), axis=-1)
        for name, values in new.items()
    }


def _take(table: Columns, where: NDArray[Any]) -> Columns:
    return {name: values[..., where] for name, values in table.items()}


def _changes(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    first = np.ones(keys.shape[1], np.bool_)
    first[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    return first


def _not_repeated(
    table: Columns, order: Rows, first: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """False for Retries of the frame of the same key that was counted before them."""
    stamp, elapsed_us = table["stamp"][order], table["elapsed_us"][order]
    repeats = table["retry"][order] & ~first & (table["row"][order] >= 0)
    repeats[1:] &= stamp[1:] == stamp[:-1]
    fresh = np.ones(len(stamp), np.bool_)
    counted = np.arange(len(stamp))
    for index in np.flatnonzero(repeats):
        last = counted[index - 1]
        if elapsed_us[index] - elapsed_us[last] <= RETRY_HORIZON_US:
            fresh[index] = False
            counted[index] = last
    return fresh


def _distinct(
    values: NDArray[np.uint64], begin: NDArray[np.int64], old: int
) -> NDArray[np.int64]:
    """
    Different values in each window that ends at a new frame.

    Args:
        begin: where the windows begin, never decreasing; the first ends at *old*.
    """
    order = np.argsort(values, kind="stable")
    again = order[1:][values[order[1:]] == values[order[:-1]]]
    before = order[:-1][values[order[1:]] == values[order[:-1]]]
    # A value seen again is one too many in the windows that hold both frames.
    start = np.maximum(again - old, 0)
    end = np.maximum(np.searchsorted(begin, before, side="right"), start)
    steps = np.bincount(start, minlength=len(begin) + 1)
    steps -= np.bincount(end, minlength=len(begin) + 1)
    repeated = np.cumsum(steps[: len(begin)])
    count: NDArray[np.int64] = np.arange(old, len(values)) - begin + 1 - repeated
    return count
