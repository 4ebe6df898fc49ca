"""
Which detectors run, and with which parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect import BUILTIN
from sentinel_netlab.detect.detector import Detector
from sentinel_netlab.detect.params import with_values

Values = Mapping[str, str | float]


def choose(patterns: Iterable[str]) -> tuple[type[Detector], ...]:
    """
    Detectors whose code or slug matches one of *patterns* (``*``, ``?``); all for none.

    Raises:
        ValueError: a pattern matches nothing.
    """
    wanted = [pattern for pattern in patterns if pattern]
    for pattern in wanted:
        if not any(_matches(detector, pattern) for detector in BUILTIN):
            raise ValueError(f"no detector matches {pattern!r}")
    return tuple(
        detector
        for detector in BUILTIN
        if not wanted or any(_matches(detector, pattern) for pattern in wanted)
    )


def build(
    chosen: Sequence[type[Detector]], values: Values, policy: Policy
) -> list[Detector]:
    """
    The detectors with their parameters.

    Args:
        values: by ``detector.parameter``, the detector's slug or code.

    Raises:
        ValueError: an unknown detector or parameter, or a value outside its range.
    """
    by_code: dict[str, dict[str, str | float]] = {}
    for target, value in values.items():
        name, _, parameter = target.partition(".")
        known = next((d for d in BUILTIN if name in (d.code, d.slug)), None)
        if known is None:
            raise ValueError(f"unknown detector {name!r}")
        by_code.setdefault(known.code, {})[parameter] = value
    return [
        _built(detector, by_code.get(detector.code, {}), policy) for detector in chosen
    ]


def _built(detector: type[Detector], values: Values, policy: Policy) -> Detector:
    try:
        return detector(with_values(detector.Params(), dict(values)), policy)
    except ValueError as error:
        raise ValueError(f"{detector.slug}: {error}") from None


def _matches(detector: type[Detector], pattern: str) -> bool:
    return fnmatchcase(detector.code, pattern.upper()) or fnmatchcase(
        detector.slug, pattern
    )
