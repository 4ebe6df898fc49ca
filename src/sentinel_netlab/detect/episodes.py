"""
Episodes: the life of an alert from onset to quiet.

An episode opens at the first frame at which the evidence suffices, takes in every later
frame of its key, and closes when no sufficient evidence came for the quiet time.  Rows
are judged one by one in effect, so the cut into blocks does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sentinel_netlab.core.alerts import Subject
from sentinel_netlab.detect.sightings import Sighting, Step, Stretch

MAX_FRAMES = 256
"""How many frame numbers an alert remembers as evidence."""

EVER_US = -(2**63)
"""Before all times."""


@dataclass(slots=True, eq=False)
class Episode:
    """An alert in the making; times in µs."""

    key: tuple[Any, ...]
    subject: Subject
    first_seen_us: int
    raised_us: int
    last_seen_us: int
    last_enough_us: int
    """Elapsed time of the last frame at which the evidence sufficed."""
    count: int
    frames: list[int]
    evidence: dict[str, Any] = field(default_factory=dict)


class Episodes:
    """Open episodes of one detector."""

    def __init__(self, quiet_s: float) -> None:
        self._quiet_us = round(quiet_s * 1e6)
        self._open: dict[tuple[Any, ...], Episode] = {}
        self._heard_us = EVER_US
        """No open episode had its last sufficient evidence before this time."""

    def apply(self, sighting: Sighting) -> tuple[Sequence[Episode], Sequence[Episode]]:
        """Episodes that *sighting* closed, and those that it opened or changed."""
        if isinstance(sighting, Step):
            return self._step(sighting)
        return self._stretch(sighting)

    def _step(self, step: Step) -> tuple[Sequence[Episode], Sequence[Episode]]:
        episode = self._open.get(step.key)
        closed: tuple[Episode, ...] = ()
        if episode is not None:
            if step.here.elapsed_us - episode.last_enough_us <= self._quiet_us:
                _add(episode, step)
                return closed, (episode,)
            closed = (self._open.pop(step.key),)
        if not step.enough:
            return closed, ()
        episode = _begun(step)
        self._opened(episode)
        return closed, (episode,)

    def _stretch(self, sighting: Stretch) -> tuple[list[Episode], list[Episode]]:
        closed: list[Episode] = []
        changed: list[Episode] = []
        episode = self._open.get(sighting.key)
        total = len(sighting.enough)
        at = 0
        while at < total:
            if episode is None:
                hits = np.flatnonzero(sighting.enough[at:])
                if not len(hits):
                    break
                at += int(hits[0])
                episode = _opened(sighting, at)
                self._opened(episode)
                changed.append(episode)
                at += 1
                continue
            end = self._first_gap(episode, sighting, at)
            if end > at:
                _absorb(episode, sighting, at, end)
                if episode not in changed:
                    changed.append(episode)
            if end < total:
                closed.append(self._open.pop(sighting.key))
                episode = None
            at = end
        return closed, changed

    def _opened(self, episode: Episode) -> None:
        self._open[episode.key] = episode
        # Silence may have let more time pass than the frames did.
        self._heard_us = min(self._heard_us, episode.last_enough_us)

    def close_quiet(self, now_us: int) -> list[Episode]:
        """Close and give the episodes that are quiet at elapsed time *now_us*."""
        old_us = now_us - self._quiet_us
        if not self._open or self._heard_us >= old_us:
            return []
        quiet = [
            key
            for key, episode in self._open.items()
            if episode.last_enough_us < old_us
        ]
        closed = [self._open.pop(key) for key in quiet]
        self._heard_us = min(
            (episode.last_enough_us for episode in self._open.values()), default=now_us
        )
        return closed

    def close_all(self) -> list[Episode]:
        """Close and give every open episode."""
        episodes = list(self._open.values())
        self._open.clear()
        return episodes

    def _first_gap(self, episode: Episode, sighting: Stretch, at: int) -> int:
        """First new mark from *at* on that comes too late for *episode*."""
        total = len(sighting.enough)
        elapsed_us = sighting.trail.elapsed_us[-total:][at:]
        enough = np.where(sighting.enough[at:], elapsed_us, episode.last_enough_us)
        last = np.maximum.accumulate(enough)
        before = np.concatenate(([episode.last_enough_us], last[:-1]))
        gaps = np.flatnonzero(elapsed_us - before > self._quiet_us)
        return at + int(gaps[0]) if len(gaps) else total


def _opened(sighting: Stretch, at: int) -> Episode:
    trail = sighting.trail
    raised = len(trail.ts_us) - len(sighting.enough) + at
    proof = slice(int(sighting.begin[at]), raised + 1)
    evidence = dict(sighting.facts)
    for name, values in sighting.peaks.items():
        evidence[name] = _number(values[at])
    return Episode(
        key=sighting.key,
        subject=sighting.subject(at),
        first_seen_us=int(trail.ts_us[proof].min()),
        raised_us=int(trail.ts_us[raised]),
        last_seen_us=int(trail.ts_us[proof].max()),
        last_enough_us=int(trail.elapsed_us[raised]),
        count=len(trail.ts_us[proof]),
        frames=trail.number[proof][:MAX_FRAMES].tolist(),
        evidence=evidence,
    )


def _absorb(episode: Episode, sighting: Stretch, at: int, end: int) -> None:
    total = len(sighting.enough)
    trail = sighting.trail
    new = slice(len(trail.ts_us) - total + at, len(trail.ts_us) - total + end)
    episode.count += end - at
    episode.last_seen_us = max(episode.last_seen_us, int(trail.ts_us[new].max()))
    hits = trail.elapsed_us[new][sighting.enough[at:end]]
    if len(hits):
        episode.last_enough_us = int(hits[-1])
    room = MAX_FRAMES - len(episode.frames)
    episode.frames.extend(trail.number[new][:room].tolist())
    episode.evidence.update(sighting.facts)
    for name, values in sighting.peaks.items():
        peak = values[at:end].max()
        if peak > episode.evidence.get(name, -np.inf):
            episode.evidence[name] = _number(peak)


def _begun(step: Step) -> Episode:
    marks = step.proof()
    times = [mark.ts_us for mark in marks]
    return Episode(
        key=step.key,
        subject=step.subject(),
        first_seen_us=min(times),
        raised_us=step.here.ts_us,
        last_seen_us=max(times),
        last_enough_us=step.here.elapsed_us,
        count=len(marks),
        frames=[mark.number for mark in marks[:MAX_FRAMES]],
        evidence={**step.facts, **step.peaks},
    )


def _add(episode: Episode, step: Step) -> None:
    here = step.here
    episode.count += step.adds
    episode.last_seen_us = max(episode.last_seen_us, here.ts_us)
    if step.enough:
        episode.last_enough_us = here.elapsed_us
    if len(episode.frames) < MAX_FRAMES:
        episode.frames.append(here.number)
    evidence = episode.evidence
    evidence.update(step.facts)
    for name, value in step.peaks.items():
        if value > evidence.get(name, -1):
            evidence[name] = value


def _number(value: Any) -> int | float:
    number = value.item() if hasattr(value, "item") else value
    return round(number, 6) if isinstance(number, float) else int(number)
