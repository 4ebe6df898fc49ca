"""What controller and sensor say to each other about the sensor."""

from __future__ import annotations

import msgspec
import pytest

from sentinel_netlab.core.configuration import (
    Configuration,
    Heartbeat,
    SensorKey,
    check_heartbeat,
    is_free_sensor_id,
    problems_of,
)
from sentinel_netlab.core.wire import Health, WireError


def test_default_configuration_is_good():
    """Everything that is allowed, everything that there is."""
    assert problems_of(Configuration()) == []


def test_full_configuration_is_good():
    """Patterns and values at their limits."""
    configuration = Configuration(
        channels_mhz=[2412, 5180, 5955, 7115],
        dwell_ms=20,
        detectors=["WD1*", "deauth_flood", "wd2??"],
        thresholds={"deauth_flood.threshold_frames": 20, "WD101.window_s": 0.5},
    )

    assert problems_of(configuration) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"channels_mhz": [6]}, "channels_mhz"),
        ({"channels_mhz": [2412, 2412]}, "channels_mhz"),
        ({"channels_mhz": list(range(2400, 2601))}, "channels_mhz"),
        ({"dwell_ms": 19}, "dwell_ms"),
        ({"dwell_ms": 60_001}, "dwell_ms"),
        ({"detectors": [""]}, "detectors"),
        ({"detectors": ["a b"]}, "detectors"),
        ({"detectors": ["a\0"]}, "detectors"),
        ({"detectors": ["a"] * 201}, "detectors"),
        ({"thresholds": {"window_s": 1}}, "thresholds"),
        ({"thresholds": {"a.b": float("inf")}}, "thresholds"),
        ({"thresholds": {"a.b": float("nan")}}, "thresholds"),
        ({"thresholds": {"a.b": 2e9}}, "thresholds"),
    ],
)
def test_what_no_sensor_could_take(values, field):
    """The problem names the field."""
    [problem] = problems_of(Configuration(**values))

    assert problem.startswith(f"{field}: ")


def test_all_problems_are_told_at_once():
    """Somebody mends them in one go."""
    bad = Configuration(channels_mhz=[1], dwell_ms=0, detectors=["?!"])

    assert len(problems_of(bad)) == 3


def test_unknown_fields_are_refused():
    """A field that was misspelt does not do nothing."""
    with pytest.raises(msgspec.ValidationError, match="dwell_s"):
        msgspec.convert({"dwell_s": 1}, Configuration)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"at_us": -1}, "at_us"),
        ({"at_us": 1 << 62}, "at_us"),
        ({"config_version": -1}, "config_version"),
        ({"policy_version": 1 << 31}, "policy_version"),
        ({"config_problem": "x" * 501}, "config_problem"),
        ({"config_problem": "\0"}, "config_problem"),
        ({"health": Health(interface="\0")}, "health.interface"),
    ],
)
def test_heartbeat_out_of_range(values, field):
    """What a database could not hold is named."""
    with pytest.raises(WireError, match=f"^{field} "):
        check_heartbeat(Heartbeat(**({"at_us": 1} | values)))


def test_heartbeat_in_range():
    """With everything that there is to tell."""
    check_heartbeat(Heartbeat(1, 7, "no such channel", 3, Health(version="1")))


@pytest.mark.parametrize("text", ["roof-1", "a", "0" * 63])
def test_ids_of_sensors(text):
    """What stands in keyids and URLs."""
    assert is_free_sensor_id(text)


@pytest.mark.parametrize(
    "text", ["", "Roof", "a b", "a.b", "a\n", "0" * 64, "join", "heartbeat"]
)
def test_other_ids(text):
    """Nor words that the API has for itself."""
    assert not is_free_sensor_id(text)


def test_key_is_not_shown():
    """Whoever logs it logs its number."""
    assert repr(SensorKey(2, b"secret")) == "SensorKey(version=2)"
