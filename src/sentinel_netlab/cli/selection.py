"""
Which detectors run, with which parameters and policy: `--only`, `--set`, `--policy`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from sentinel_netlab.core.policy import Policy, policy_from
from sentinel_netlab.detect import Detector, selection


class UsageError(Exception):
    """Arguments that cannot be used; the text says which and why, in one line."""


def choose(only: Sequence[str]) -> tuple[type[Detector], ...]:
    """
    Detectors that match one of the patterns (codes or slugs, comma-separated); all
    for none.

    Raises:
        UsageError: a pattern matches nothing.
    """
    try:
        return selection.choose(
            part.strip() for text in only for part in text.split(",")
        )
    except ValueError as error:
        msg = f"--only: {error}; see `sentinel detectors`"
        raise UsageError(msg) from None


def build(
    chosen: Sequence[type[Detector]], settings: Sequence[str], policy: Policy
) -> list[Detector]:
    """
    The detectors with their parameters set from texts like ``deauth_flood.window_s=2``.

    Raises:
        UsageError: a text of another form, an unknown detector or parameter, a value
            outside its range.
    """
    values: dict[str, str | float] = {}
    for text in settings:
        target, equals, value = text.partition("=")
        if not equals or "." not in target:
            msg = f"--set: expected detector.parameter=value, got {text!r}"
            raise UsageError(msg)
        values[target.strip()] = value.strip()
    try:
        return selection.build(chosen, values, policy)
    except ValueError as error:
        msg = f"--set: {error}; see `sentinel detectors`"
        raise UsageError(msg) from None


def read_policy(path: str | None) -> Policy:
    """
    The policy in the TOML file at *path*; the empty one for None.

    Raises:
        UsageError: the file cannot be read, is no TOML, or says something wrong.
    """
    if path is None:
        return Policy()
    try:
        return policy_from(tomllib.loads(Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        msg = f"--policy: cannot read {path}: {error.strerror}"
        raise UsageError(msg) from None
    except ValueError as error:
        msg = f"--policy: {path}: {error}"
        raise UsageError(msg) from None
