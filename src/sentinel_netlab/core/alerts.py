"""
Alerts: what a detector found, about whom, how sure, and on what evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import blake2b


class Severity(IntEnum):
    """How bad it would be if the alert is right; how sure we are is `confidence`."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """Lower-case name, as on the wire."""
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> Severity:
        """
        Severity named by *text*.

        Raises:
            ValueError: no severity has that name.
        """
        try:
            return cls[text.upper()]
        except KeyError:
            names = ", ".join(severity.word for severity in cls)
            msg = f"unknown severity {text!r}; known are {names}"
            raise ValueError(msg) from None


@dataclass(frozen=True, slots=True)
class Subject:
    """
    Whom an alert is about; None where it does not apply.

    Attributes:
        bssid, station, transmitter: 48-bit addresses; station is None when the frames
            went to a group address; transmitter is the claimed one.
        ssid: raw bytes.
        channel, frequency_mhz: of the first frame; 6 GHz repeats channel numbers.
    """

    bssid: int | None = None
    ssid: bytes | None = None
    station: int | None = None
    transmitter: int | None = None
    channel: int | None = None
    frequency_mhz: int | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """
    One attack (or posture finding) on one subject, from onset to quiet.

    Attributes:
        id: 32 lower-case hex digits; the same sensor, detector, key and onset give the
            same id, whatever the path of the capture.
        key: what the detector counts apart, as text ``name=value,…``.
        first_seen_us, raised_us, last_seen_us: event time, µs since 1970; raised_us is
            when the evidence sufficed.
        count: frames (for some detectors: exchanges) that belong to it, onset included.
        evidence: measured values beside the thresholds.
        frames: numbers of the first frames that prove it, from 1 as in Wireshark.
        closed: it has been quiet for the detector's quiet time, or the capture ended.
    """

    id: str
    code: str
    slug: str
    title: str
    severity: Severity
    confidence: float
    first_seen_us: int
    raised_us: int
    last_seen_us: int
    count: int
    subject: Subject
    key: str
    attack: str
    summary: str
    evidence: Mapping[str, object] = field(default_factory=dict)
    frames: tuple[int, ...] = ()
    closed: bool = False


def alert_id(sensor: str, code: str, key: str, first_seen_us: int) -> str:
    """The stable id of the alert of *code* about *key* that began then."""
    text = "\x1f".join((sensor, code, key, str(first_seen_us)))
    return blake2b(text.encode(), digest_size=16).hexdigest()
