"""
Observations: what one sensor saw of one transmitter on one channel in one window.
"""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_US = 10_000_000
"""Length of a window; windows are aligned to event time."""


@dataclass(frozen=True, slots=True)
class Observation:
    """
    Counts of one transmitter, channel and window.

    Attributes:
        window_us: start of the window, µs since 1970, a multiple of `WINDOW_US`.
        transmitter: 48-bit address, as claimed.
        channel, frequency_mhz: 0 where the radio named none.
        first_us, last_us: event time of its first and last frame.
        frames, management, control, data: frames, in all and by type.
        retries: frames with the Retry bit; protected: with the Protected bit.
        octets: captured 802.11 bytes.
        signal_frames: frames with a signal; signal_mean_dbm, signal_min_dbm,
            signal_max_dbm are over those, None if there is none.
        beacons: of the frames, beacons.
        bssid, ssid, security, fingerprint: of its last advertisement in the window,
            else None.
    """

    window_us: int
    transmitter: int
    channel: int
    frequency_mhz: int
    first_us: int
    last_us: int
    frames: int
    management: int
    control: int
    data: int
    retries: int
    protected: int
    octets: int
    beacons: int
    signal_frames: int
    signal_mean_dbm: float | None
    signal_min_dbm: int | None
    signal_max_dbm: int | None
    bssid: int | None = None
    ssid: bytes | None = None
    security: str | None = None
    fingerprint: str | None = None
