"""
Sightings: what a detector says about one subject in one block of frames.

A detector yields sightings; the framework turns them into alerts (`detect.engine`).
A sighting speaks row by row, so that how a capture is cut into blocks cannot change
what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentinel_netlab.core.alerts import Severity, Subject
from sentinel_netlab.core.frames import Frames, Rows

Key = tuple[int | str | bytes, ...]


class Mark(NamedTuple):
    """One frame that bears on a subject: its times in µs and its number."""

    elapsed_us: int
    ts_us: int
    number: int


def mark(frames: Frames, row: int) -> Mark:
    """The `Mark` of the frame at *row*."""
    return Mark(
        int(frames.elapsed_us[row]), int(frames.ts_us[row]), int(frames.number[row])
    )


def marks(frames: Frames, rows: Rows) -> list[Mark]:
    """The `Mark` of each of *rows*."""
    return list(
        map(
            Mark,
            frames.elapsed_us[rows].tolist(),
            frames.ts_us[rows].tolist(),
            frames.number[rows].tolist(),
        )
    )


@dataclass(frozen=True, slots=True, eq=False)
class Trail:
    """Marks of many frames as columns, in order of arrival."""

    elapsed_us: NDArray[np.int64]
    ts_us: NDArray[np.int64]
    number: NDArray[np.int64]

    @classmethod
    def of(cls, marks: Sequence[Mark]) -> Trail:
        """Columns of *marks*."""
        table = np.array(marks, np.int64).reshape(-1, 3)
        return cls(table[:, 0], table[:, 1], table[:, 2])


def trail_of(frames: Frames, rows: Rows) -> Trail:
    """The `Trail` of *rows*."""
    return Trail(frames.elapsed_us[rows], frames.ts_us[rows], frames.number[rows])


NOTHING: Mapping[str, Any] = MappingProxyType({})


class Stretch(NamedTuple):
    """
    Several frames of one block, as columns.

    The last ``len(enough)`` marks of `trail` are the new ones, in order; the marks
    before them are older evidence.  For new mark *i*, ``enough[i]`` says whether the
    evidence up to it suffices for an alert, and ``begin[i]`` where in `trail` that
    evidence begins (used when an alert opens there: it gives onset, count, frames).

    Attributes:
        key: what alerts are kept apart by; named by the detector's ``key_names``.
        subject: gives whom the alert is about if new mark *i* opens it; asked at once.
        facts: evidence that holds for every new frame; the latest wins.
        peaks: for each name one number per new mark; an alert keeps the highest.
    """

    key: Key
    trail: Trail
    begin: NDArray[Any]
    enough: NDArray[np.bool_]
    subject: Callable[[int], Subject]
    facts: Mapping[str, object] = NOTHING
    peaks: Mapping[str, NDArray[Any]] = NOTHING


class Step(NamedTuple):
    """
    One frame, for detectors that go frame by frame.

    Attributes:
        key: as of a `Stretch`; facts: likewise.
        here: the frame.
        proof: gives the frames of the evidence, oldest first, *here* the last; asked at
            once, and only if an alert opens.
        subject: gives whom the alert is about; asked as `proof` is.
        peaks: numbers of which an alert keeps the highest.
        enough: whether this frame raises the alert (else it only adds to an open one).
        adds: how many frames it adds to an open alert, with those since the last step.
    """

    key: Key
    here: Mark
    proof: Callable[[], Sequence[Mark]]
    subject: Callable[[], Subject]
    facts: Mapping[str, object] = NOTHING
    peaks: Mapping[str, float] = NOTHING
    enough: bool = True
    adds: int = 1


Sighting = Stretch | Step
"""What a detector says.  A tuple: in an attack there is one for nearly every frame."""


@dataclass(frozen=True, slots=True)
class Case:
    """
    What is known of one alert so far; `Detector.judge` reads it.

    Attributes:
        evidence: facts and peaks merged over the whole alert.
        span_s: seconds from the first to the last frame.
    """

    key: Key
    subject: Subject
    count: int
    span_s: float
    evidence: Mapping[str, Any]


class Verdict(NamedTuple):
    """
    A detector's judgement of a case.

    Attributes:
        confidence: 0-1.
        summary: one English sentence that a human can act on.
    """

    severity: Severity
    confidence: float
    summary: str
