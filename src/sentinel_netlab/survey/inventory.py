"""
Frames → the inventory: which BSSs there are, under which names, with which stations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.addresses import NO_ADDRESS
from sentinel_netlab.core.frames import (
    CAP_IBSS,
    NO_DBM,
    Advertisement,
    Frames,
    Rows,
)
from sentinel_netlab.core.inventory import Network, Station
from sentinel_netlab.core.kinds import ASSOC_REQ, BEACON, REASSOC_REQ
from sentinel_netlab.core.security import security_of
from sentinel_netlab.survey.groups import Groups

MOST_NETWORKS = 65_536
MOST_STATIONS = 262_144
"""Bounds against floods of invented addresses; what is beyond is counted."""

_GROUP_BIT = np.uint64(1 << 40)
_SAID_BY_STATIONS = (ASSOC_REQ, REASSOC_REQ, *range(0x20, 0x30))
"""Requests and data frames: from a station of a BSS, or to it."""


class _Heard(NamedTuple):
    """What frames of one block say together; those with a signal apart."""

    first_us: int
    last_us: int
    frames: int
    signal_frames: int
    signal_sum: int


@dataclass(slots=True)
class _Seen:
    """Counts about one network name or one station; signal over its own frames."""

    first_us: int
    last_us: int
    frames: int = 0
    beacons: int = 0
    signal_sum: int = 0
    signal_frames: int = 0
    latest: Advertisement | None = field(default=None)

    def add(self, heard: _Heard) -> None:
        """Further frames."""
        self.first_us = min(self.first_us, heard.first_us)
        self.last_us = max(self.last_us, heard.last_us)
        self.frames += heard.frames
        self.signal_sum += heard.signal_sum
        self.signal_frames += heard.signal_frames

    @property
    def signal_dbm(self) -> float | None:
        """Mean signal."""
        if not self.signal_frames:
            return None
        return round(self.signal_sum / self.signal_frames, 1)


class InventoryBuilder:
    """
    Collects networks and stations of one stream of frames.

    Attributes:
        left_out: names and stations beyond the bounds that were not taken in; a
            network or station may be counted several times.
    """

    def __init__(self) -> None:
        self._names: dict[tuple[int, bytes], _Seen] = {}
        self._stations: dict[tuple[int, int], _Seen] = {}
        self.left_out = 0

    def add(self, frames: Frames) -> None:
        """Take in the next block."""
        if frames.advertisements:
            self._advertised(frames, frames.advertisements)
        self._associated(frames)

    def networks(self) -> list[Network]:
        """What has been seen, by BSSID and name."""
        clients: dict[int, list[Station]] = {}
        for (bssid, address), seen in sorted(self._stations.items(), key=itemgetter(0)):
            clients.setdefault(bssid, []).append(
                Station(
                    address=address,
                    frames=seen.frames,
                    first_us=seen.first_us,
                    last_us=seen.last_us,
                    signal_dbm=seen.signal_dbm,
                )
            )
        return [
            _network(bssid, ssid, seen, tuple(clients.get(bssid, ())))
            for (bssid, ssid), seen in sorted(self._names.items(), key=itemgetter(0))
        ]

    def _advertised(self, frames: Frames, groups: tuple[Advertisement, ...]) -> None:
        rows = np.concatenate([group.rows for group in groups])
        sizes = np.array([len(group.rows) for group in groups])
        ends = np.cumsum(sizes)
        found: list[_Seen | None] = []
        for group, heard in zip(
            groups, _heard(frames, rows, ends - sizes, sizes), strict=True
        ):
            key = _name_of(group)
            seen = self._names.get(key)
            if seen is None:
                if len(self._names) >= MOST_NETWORKS:
                    self.left_out += 1
                    found.append(None)
                    continue
                seen = self._names[key] = _Seen(heard.first_us, heard.last_us)
            seen.add(heard)
            seen.beacons += heard.frames * (group.kind == BEACON)
            found.append(seen)
        for index in np.argsort(rows[ends - 1]).tolist():
            seen = found[index]
            if seen is not None:
                seen.latest = groups[index]

    def _associated(self, frames: Frames) -> None:
        rows = frames.rows(*_SAID_BY_STATIONS)
        bssid, transmitter = frames.bssid[rows], frames.transmitter[rows]
        own = transmitter != bssid
        station = np.where(own, transmitter, frames.receiver[rows])
        usable = (bssid != NO_ADDRESS) & (station != bssid)
        usable &= (station & _GROUP_BIT) == 0
        if not usable.any():
            return
        rows, own = rows[usable], own[usable]
        groups = Groups.of([bssid[usable], station[usable]])
        order, starts = groups.order, groups.starts
        sizes = np.diff(starts, append=len(order))
        table = zip(
            order[starts].tolist(),
            groups.key_tuples(),
            _heard(frames, rows[order], starts, sizes, own[order]),
            strict=True,
        )
        for _, key, heard in sorted(table, key=itemgetter(0)):
            pair = (key[0], key[1])
            seen = self._stations.get(pair)
            if seen is None:
                if len(self._stations) >= MOST_STATIONS:
                    self.left_out += 1
                    continue
                seen = self._stations[pair] = _Seen(heard.first_us, heard.last_us)
            seen.add(heard)


def _heard(
    frames: Frames,
    rows: Rows,
    starts: Rows,
    sizes: Rows,
    own: NDArray[np.bool_] | None = None,
) -> Iterator[_Heard]:
    """
    What each part of *rows* says.

    Args:
        starts, sizes: where the parts begin among rows, and how long they are.
        own: for each of rows whether its signal counts; all if not given.
    """
    ts_us, signal = frames.ts_us[rows], frames.signal_dbm[rows].astype(np.int64)
    known = signal != NO_DBM
    if own is not None:
        known &= own
    return map(
        _Heard,
        np.minimum.reduceat(ts_us, starts).tolist(),
        np.maximum.reduceat(ts_us, starts).tolist(),
        sizes.tolist(),
        np.add.reduceat(known.astype(np.int64), starts).tolist(),
        np.add.reduceat(np.where(known, signal, 0), starts).tolist(),
    )


def _name_of(group: Advertisement) -> tuple[int, bytes]:
    return group.bssid, shown_ssid(group.elements.ssid)


def shown_ssid(ssid: bytes | None) -> bytes:
    """*ssid*, or nothing where it is hidden (absent, empty or only zeros)."""
    return ssid if ssid and ssid.strip(b"\0") else b""


def _network(
    bssid: int, ssid: bytes, seen: _Seen, stations: tuple[Station, ...]
) -> Network:
    latest = seen.latest
    assert latest is not None  # noqa: S101  # `add` sets it for every name
    security = security_of(latest.elements, latest.capability)
    return Network(
        bssid=bssid,
        ssid=ssid,
        security=security.label if security else "unknown",
        adhoc=bool(latest.capability & CAP_IBSS),
        channel=latest.channel,
        frequency_mhz=latest.frequency_mhz,
        beacons=seen.beacons,
        probe_responses=seen.frames - seen.beacons,
        signal_dbm=seen.signal_dbm,
        stations=stations,
        first_us=seen.first_us,
        last_us=seen.last_us,
        fingerprint=latest.elements.fingerprint,
    )
