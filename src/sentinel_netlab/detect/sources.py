"""
What rate detectors share: from a run of `RateWindow` to a sighting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from numpy.typing import NDArray

from sentinel_netlab.core.addresses import NO_ADDRESS, is_group
from sentinel_netlab.core.alerts import Subject
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.detect.sightings import Key, Stretch
from sentinel_netlab.detect.windows import Run

SubjectOf = Callable[[Frames, int, tuple[int, ...]], Subject]
"""Makes the subject from block, row and key."""


def subject_at(
    frames: Frames,
    row: int,
    *,
    bssid: int | None = None,
    station: int | None = None,
    ssid: bytes | None = None,
    transmitter: int | None = None,
) -> Subject:
    """The subject of an alert that the frame at *row* raises."""
    return Subject(
        bssid=usable(bssid),
        ssid=ssid,
        station=None if station is None or is_group(station) else usable(station),
        transmitter=usable(transmitter),
        channel=int(frames.channel[row]) or None,
        frequency_mhz=int(frames.frequency_mhz[row]) or None,
    )


def network_at(frames: Frames, row: int, key: tuple[int, ...]) -> Subject:
    """The same for a detector whose key begins with the BSSID, and is all it knows."""
    return subject_at(frames, row, bssid=key[0])


def usable(address: int | None) -> int | None:
    """*address*, or None where the frame had none in that role."""
    return None if address == NO_ADDRESS else address


def from_run(
    frames: Frames,
    run: Run,
    subject: SubjectOf = network_at,
    *,
    key: Key | None = None,
    facts: Mapping[str, object],
    peaks: Mapping[str, NDArray[Any]],
) -> Stretch:
    """
    The sighting that *run* amounts to; *key* replaces the run's.

    Args:
        subject: asked with the row that raises the alert, and with the run's key.
    """
    return Stretch(
        key=run.key if key is None else key,
        trail=run.trail,
        begin=run.begin,
        enough=run.enough,
        subject=lambda at: subject(frames, int(run.rows[at]), run.key),
        facts=facts,
        peaks=peaks,
    )
