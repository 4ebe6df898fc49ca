"""
What a controller wants of a sensor, and what the two say to each other about it.

The controller checks form and range; what only a sensor knows (its radios, its
detectors and their parameters) the sensor checks, and tells why it refused.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from sentinel_netlab.core.wire import (
    MAX_TIME_US,
    SENSOR_ID,
    Health,
    WireError,
    check_health,
)

MIN_DWELL_MS, MAX_DWELL_MS = 20, 60_000
MIN_FREQUENCY_MHZ, MAX_FREQUENCY_MHZ = 2_400, 7_125  # IEEE Std 802.11-2020, annex E
MAX_CHANNELS = 200
MAX_DETECTORS = 200
MAX_THRESHOLDS = 500
MAX_VALUE = 1e9
MAX_PROBLEM = 500
MAX_VERSION = 1 << 31
# Words that stand where the id of a sensor does in a URL.
_TAKEN = frozenset({"heartbeat", "join"})
_PATTERN = re.compile(r"[A-Za-z0-9_*?]{1,64}")
_PARAMETER = re.compile(r"[A-Za-z0-9_]{1,64}\.[a-z0-9_]{1,64}")


class Configuration(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True
):
    """
    How a sensor listens and what it looks for.

    Defaults are not written, so that an older sensor refuses a newer field only where
    somebody uses it.

    Attributes:
        channels_mhz: centres of the primary 20 MHz channels; empty: all that the
            regulatory domain allows.
        dwell_ms: time on a channel.
        detectors: codes or slugs, `*` and `?` allowed; empty: all.
        thresholds: parameters of detectors, ``deauth_flood.threshold_frames``, that
            are not at their default.
    """

    channels_mhz: list[int] = []
    dwell_ms: int = 250
    detectors: list[str] = []
    thresholds: dict[str, float] = {}


class Heartbeat(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What a sensor tells between batches.

    Attributes:
        at_us: the sensor's clock.
        config_version: of the configuration that it works with; None: its own.
        config_problem: why it did not take the desired one; "": it did.
        policy_version: of the policy that it works with.
        health: as in a batch.
    """

    at_us: int
    config_version: int | None = None
    config_problem: str = ""
    policy_version: int | None = None
    health: Health | None = None


class Desired(msgspec.Struct, frozen=True):
    """A configuration and its number, which counts up with each change."""

    version: int
    configuration: Configuration


class DesiredPolicy(msgspec.Struct, frozen=True):
    """
    The policy of the sensor's site, and its number.

    Attributes:
        tables: as `core.policy.policy_from` takes them.
    """

    version: int
    site_id: str
    tables: dict[str, Any]


class SensorKey(msgspec.Struct, frozen=True):
    """
    A key that the sensor signs with from now on.

    Attributes:
        key: 32 bytes; base64 on the wire.
    """

    version: int
    key: bytes

    def __repr__(self) -> str:
        return f"SensorKey(version={self.version})"


class HeartbeatAnswer(msgspec.Struct, frozen=True):
    """
    What the controller wants.

    Attributes:
        time_us: the controller's clock.
        desired: None: the sensor's own configuration is good.
        policy: None: the sensor has no site, or the site no policy.
        key: None: the one that signed the heartbeat is good.
    """

    time_us: int
    desired: Desired | None = None
    policy: DesiredPolicy | None = None
    key: SensorKey | None = None


class Joined(msgspec.Struct, frozen=True):
    """
    Who the bearer of a join code is from now on.

    Attributes:
        time_us: the controller's clock.
    """

    sensor_id: str
    time_us: int
    key: SensorKey


def is_free_sensor_id(text: str) -> bool:
    """Whether a sensor may be enrolled as *text*."""
    return SENSOR_ID.fullmatch(text) is not None and text not in _TAKEN


def problems_of(configuration: Configuration) -> list[str]:
    """Everything in *configuration* that no sensor could take."""
    found = []
    channels = configuration.channels_mhz
    if len(channels) > MAX_CHANNELS or len(set(channels)) < len(channels):
        found.append(f"channels_mhz: at most {MAX_CHANNELS} different ones")
    if not all(MIN_FREQUENCY_MHZ <= one <= MAX_FREQUENCY_MHZ for one in channels):
        found.append(f"channels_mhz: {MIN_FREQUENCY_MHZ} to {MAX_FREQUENCY_MHZ} MHz")
    if not MIN_DWELL_MS <= configuration.dwell_ms <= MAX_DWELL_MS:
        found.append(f"dwell_ms: {MIN_DWELL_MS} to {MAX_DWELL_MS} ms")
    detectors = configuration.detectors
    if len(detectors) > MAX_DETECTORS or not all(map(_PATTERN.fullmatch, detectors)):
        found.append(f"detectors: at most {MAX_DETECTORS} codes, slugs or patterns")
    thresholds = configuration.thresholds
    if len(thresholds) > MAX_THRESHOLDS or not all(
        map(_PARAMETER.fullmatch, thresholds)
    ):
        found.append(f"thresholds: at most {MAX_THRESHOLDS}, detector.parameter")
    if not all(-MAX_VALUE <= value <= MAX_VALUE for value in thresholds.values()):
        found.append("thresholds: a value is out of range")
    return found


def check_heartbeat(heartbeat: Heartbeat) -> None:
    """
    Hold the values of *heartbeat* to their ranges.

    Raises:
        WireError: one is outside; the text names the field.
    """
    if not 0 <= heartbeat.at_us <= MAX_TIME_US:
        raise WireError("at_us is out of range")
    for name in ("config_version", "policy_version"):
        version = getattr(heartbeat, name)
        if version is not None and not 0 <= version < MAX_VERSION:
            raise WireError(f"{name} is out of range")
    if len(heartbeat.config_problem) > MAX_PROBLEM or "\0" in heartbeat.config_problem:
        raise WireError("config_problem is out of range")
    if heartbeat.health is not None:
        check_health(heartbeat.health)
