"""Run one rule over frames made by hand."""

from __future__ import annotations

from typing import Any

from tests.support.air import Air
from tests.support.run import run

from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.detect import Detector


def alerts_of(
    rule: type[Detector], there: Air, block_frames: int = 4096, **params: Any
) -> list[Alert]:
    """Alerts that *rule* with *params* raises about *there*."""
    return run(there.frames(block_frames), [rule(rule.Params(**params))]).alerts
