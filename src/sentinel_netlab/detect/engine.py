"""
Engine: runs detectors over blocks of frames and makes alerts of what they say.

It gives ids, decides when an alert opens and closes, and leaves out a detector that
breaks.  It reads no clock: all times are the frames'.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Alert, alert_id
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.ssid import display_ssid
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.episodes import Episode, Episodes
from sentinel_netlab.detect.sightings import Case


class Engine:
    """
    Detectors at work on one stream of frames.

    Args:
        detectors: run in this order.
        sensor: name that goes into alert ids.

    Attributes:
        broken: why a detector was left out, by code.
    """

    def __init__(self, detectors: Sequence[Detector], *, sensor: str = "") -> None:
        self._sensor = sensor
        self._running = [
            (detector, Episodes(detector.quiet_s), _mask(detector.kinds))
            for detector in detectors
        ]
        self.broken: dict[str, str] = {}

    def inspect(self, frames: Frames) -> list[Alert]:
        """
        Alerts that *frames* opened, changed or closed, as they are now.

        Frames whose check failed are the caller's to leave out.
        """
        if not len(frames):
            return []
        changes: list[Alert] = []
        for detector, episodes, mask in tuple(self._running):
            if mask & frames.present:
                changes += self._run(detector, episodes, frames)
        return changes + self._close(int(frames.elapsed_us[-1]))

    def advance(self, now_us: int) -> list[Alert]:
        """
        Alerts that closed because nothing was heard until *now_us*, elapsed time.

        What a detector waits for comes with the next frame.
        """
        return self._close(now_us)

    def finish(self) -> list[Alert]:
        """Close all alerts that are open; to be called once, at the end."""
        return [
            self._alert(detector, episode, closed=True)
            for detector, episodes, _ in self._running
            for episode in episodes.close_all()
        ]

    def _run(
        self, detector: Detector, episodes: Episodes, frames: Frames
    ) -> list[Alert]:
        changes: dict[Episode, bool] = {}
        try:
            for sighting in detector.inspect(frames):
                ended, changed = episodes.apply(sighting)
                for episode in changed:
                    changes[episode] = False
                for episode in ended:
                    changes[episode] = True
            return [
                self._alert(detector, episode, closed=closed)
                for episode, closed in changes.items()
            ]
        except Exception as error:  # noqa: BLE001  # one broken rule must not stop the rest
            self.broken[detector.code] = f"{type(error).__name__}: {error}"
            self._running = [run for run in self._running if run[0] is not detector]
            return []

    def _close(self, now_us: int) -> list[Alert]:
        return [
            self._alert(detector, episode, closed=True)
            for detector, episodes, _ in self._running
            for episode in episodes.close_quiet(now_us)
        ]

    def _alert(
        self, detector: Detector, episode: Episode, *, closed: bool = False
    ) -> Alert:
        span_s = (episode.last_seen_us - episode.first_seen_us) / 1e6
        case = Case(
            episode.key, episode.subject, episode.count, span_s, episode.evidence
        )
        verdict = detector.judge(case)
        key = key_text(detector.key_names, episode.key)
        return Alert(
            id=alert_id(self._sensor, detector.code, key, episode.first_seen_us),
            code=detector.code,
            slug=detector.slug,
            title=detector.title,
            severity=verdict.severity,
            confidence=round(verdict.confidence, 3),
            first_seen_us=episode.first_seen_us,
            raised_us=episode.raised_us,
            last_seen_us=episode.last_seen_us,
            count=episode.count,
            subject=episode.subject,
            key=key,
            attack=detector.attack,
            summary=verdict.summary,
            evidence=dict(episode.evidence),
            frames=tuple(episode.frames),
            closed=closed,
        )


def key_text(names: Iterable[str], key: tuple[int | str | bytes, ...]) -> str:
    """*key* as ``name=value,…``: addresses with colons, SSIDs as they are shown."""
    return ",".join(
        f"{name}={_part_text(name, part)}"
        for name, part in zip(names, key, strict=True)
    )


_ADDRESSES = {"bssid", "receiver", "station", "transmitter", "source"}


def _part_text(name: str, part: int | str | bytes) -> str:
    if isinstance(part, bytes):
        return display_ssid(part)
    if isinstance(part, int) and name in _ADDRESSES:
        return format_mac(part)
    return str(part)


def _mask(kinds: Iterable[int]) -> int:
    return sum(1 << kind for kind in set(kinds))
