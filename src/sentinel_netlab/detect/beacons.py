"""
Beacons of a block by BSSID, and which of them bear on goodbyes to all stations: shared
by the rules that compare beacons.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import NamedTuple

import numpy as np

from sentinel_netlab.core.frames import Frames, Rows
from sentinel_netlab.core.kinds import BEACON


class BeaconsByBssid(NamedTuple):
    """
    The beacons of a block, sorted by BSSID and then by arrival.

    Attributes:
        rows: their rows.
        first: where the beacons of each BSSID begin among them.
        newest: where the last beacon of each BSSID is among them, in order of arrival.
        bssids: of newest.
    """

    rows: Rows
    first: Rows
    newest: Rows
    bssids: list[int]


def beacons_by_bssid(frames: Frames) -> BeaconsByBssid:
    """The beacons of *frames*, sorted once for all who ask."""
    cached: BeaconsByBssid | None = frames.cached("beacons_by_bssid")
    if cached is None:
        cached = frames.cache("beacons_by_bssid", _sorted(frames))
    return cached


def _sorted(frames: Frames) -> BeaconsByBssid:
    rows = frames.rows(BEACON)
    rows = rows[np.argsort(frames.bssid[rows], kind="stable")]
    bssid = frames.bssid[rows]
    change = np.flatnonzero(bssid[1:] != bssid[:-1])
    edge = [0] if len(rows) else []
    first = np.concatenate((edge, change + 1)).astype(np.intp)
    newest = np.concatenate((change, [len(rows) - 1] if edge else [])).astype(np.intp)
    newest = newest[np.argsort(rows[newest])]
    return BeaconsByBssid(rows, first, newest, bssid[newest].tolist())


def beacons_about(
    frames: Frames, goodbyes: Rows, pending: AbstractSet[int], within_us: int
) -> tuple[Rows, AbstractSet[int]]:
    """
    Beacons that may bear on *goodbyes*, and the BSSIDs that were looked at.

    Of a BSSID with goodbyes, here or *pending* from before, those count that follow one
    within *within_us*, that a goodbye follows next, or that are its last here.

    Args:
        goodbyes: ascending rows of the block.
    """
    watched = pending | set(frames.bssid[goodbyes].tolist())
    beacons = frames.rows(BEACON)
    if not watched:
        return beacons[:0], watched
    mine = np.isin(frames.bssid[beacons], np.array([*watched], np.uint64))
    beacons = beacons[mine]
    rows = np.concatenate((goodbyes, beacons))
    order = np.lexsort((rows, frames.bssid[rows]))
    goodbye = order < len(goodbyes)
    rows = rows[order]
    bssid, elapsed_us = frames.bssid[rows], frames.elapsed_us[rows]
    here = np.arange(len(rows))
    first = np.append(True, bssid[1:] != bssid[:-1])
    begin = np.maximum.accumulate(np.where(first, here, 0))
    last_goodbye = np.maximum.accumulate(np.where(goodbye, here, -1))
    told = last_goodbye >= begin
    since_us = np.where(told, elapsed_us[last_goodbye], frames.elapsed_us[0])
    waiting = told | np.isin(bssid, np.array([*pending], np.uint64))
    near = waiting & (elapsed_us - since_us <= within_us)
    before = np.append(goodbye[1:], True) | np.append(first[1:], True)
    return np.sort(rows[~goodbye & (near | before)]), watched
