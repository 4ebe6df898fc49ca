"""
What the controller wants of this sensor, taken or refused with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sentinel_netlab.core.configuration import (
    Configuration,
    Desired,
    DesiredPolicy,
    problems_of,
)
from sentinel_netlab.core.policy import Policy, policy_from
from sentinel_netlab.detect import Detector
from sentinel_netlab.detect.selection import build, choose

MOST_PROBLEM = 500
Apply = Callable[[Configuration, Policy, Sequence[Detector]], None]
"""Makes the agent work so; raises ValueError if its radios cannot."""
_Wish = tuple[Desired | None, DesiredPolicy | None]


@dataclass(slots=True)
class State:
    """
    What the sensor works with.

    Attributes:
        config_version, policy_version: None: its own.
        problem: why it did not take what was wanted last; "": it did.
    """

    configuration: Configuration
    policy: Policy
    config_version: int | None = None
    policy_version: int | None = None
    problem: str = ""


class Wishes:
    """
    Takes wishes, and knows what is in force.

    Args:
        own: configuration and policy until the controller wants something.
        apply: is called with each change.

    Raises:
        ValueError: the sensor's own configuration is none that it can work with.
    """

    def __init__(self, own: State, apply: Apply) -> None:
        self.state = own
        self._own = replace(own)
        self._apply = apply
        self._taken: _Wish = (None, None)
        self._refused: _Wish | None = None
        self._try(own.configuration, own.policy)

    def take(self, desired: Desired | None, policy: DesiredPolicy | None) -> None:
        """
        Work as the controller wants from now on; None: as the sensor was installed.

        What cannot be done changes nothing, and is told with the next heartbeat.
        """
        # Whole wishes are compared: two sites may have a policy of the same version.
        wish = (desired, policy)
        if wish == self._refused:
            return
        self._refused = None
        self.state.problem = ""
        if wish == self._taken:
            return
        try:
            state = self._state_of(desired, policy)
            self._try(state.configuration, state.policy)
        except ValueError as error:
            self._refused = wish
            self.state.problem = str(error)[:MOST_PROBLEM]
            return
        self._taken = wish
        self.state = state

    def _state_of(self, desired: Desired | None, policy: DesiredPolicy | None) -> State:
        own = self._own
        return State(
            own.configuration if desired is None else desired.configuration,
            own.policy if policy is None else policy_from(policy.tables),
            None if desired is None else desired.version,
            None if policy is None else policy.version,
        )

    def _try(self, configuration: Configuration, policy: Policy) -> None:
        problems = problems_of(configuration)
        if problems:
            raise ValueError("; ".join(problems))
        thresholds: Mapping[str, str | float] = dict(configuration.thresholds)
        detectors = build(choose(configuration.detectors), thresholds, policy)
        self._apply(configuration, policy, detectors)
