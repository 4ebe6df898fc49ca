"""
Detector: the base of every rule in `detect/rules/`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, ClassVar

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.frames import Frames
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect.params import NoParams
from sentinel_netlab.detect.sightings import Case, Sighting, Verdict


class Detector(ABC):
    """
    One rule.  The module's docstring is its page (headings: `tools/docs.py`).

    A detector sees the frames of one capture or sensor in order, block by block, and
    keeps small, bounded state between blocks.  How the frames are cut into blocks must
    not change what it says.

    Class attributes:
        code: permanent, ``WD101``; slug: ``deauth_flood``; title: a few words.
        severity: the usual one, for the catalogue; `judge` has the last word.
        attack: ATT&CK technique, ``T1498.001``.
        status: ``preview`` or ``stable``.
        kinds: frame kinds (core.kinds) that wake it; other blocks are not shown to it.
        key_names: names of the parts of a sighting's key, in order.
        quiet_s: seconds without sufficient evidence after which an alert closes; never
            shorter than a window of the parameters, so that no frame proves two alerts.
        Params: its parameters, a frozen dataclass made with `detect.params.param`.
    """

    code: ClassVar[str]
    slug: ClassVar[str]
    title: ClassVar[str]
    severity: ClassVar[Severity]
    attack: ClassVar[str]
    status: ClassVar[str] = "preview"
    kinds: ClassVar[tuple[int, ...]]
    key_names: ClassVar[tuple[str, ...]]
    quiet_s: float = 30.0
    Params: ClassVar[type[Any]] = NoParams

    def __init__(self, params: Any = None, policy: Policy | None = None) -> None:
        self.params = self.Params() if params is None else params
        self.policy = Policy() if policy is None else policy
        windows_s = (
            getattr(self.params, field.name)
            for field in fields(self.params)
            if field.name.endswith("window_s")
        )
        self.quiet_s = max(self.quiet_s, *windows_s, 0.0)

    @abstractmethod
    def inspect(self, frames: Frames) -> Iterator[Sighting]:
        """What this block says; per key in order of time."""

    @abstractmethod
    def judge(self, case: Case) -> Verdict:
        """Severity, confidence and summary of what has been seen so far."""
