"""
Every scenario raises what it expects, and nothing else; benign captures stay silent.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.run import Result, run

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.records import alert_record
from sentinel_netlab.detect import BUILTIN

HERE = Path(__file__).parent
SCENARIOS = sorted(path.parent for path in HERE.glob("scenarios/*/*/expect.yaml"))
BENIGN = sorted(HERE.glob("benign/*.pcap.gz"))
POSTURE = "WD6"

each_scenario = pytest.mark.parametrize(
    "folder", SCENARIOS, ids=[f"{path.parent.name}/{path.name}" for path in SCENARIOS]
)


@cache
def expected(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((folder / "expect.yaml").read_text())
    return loaded


@cache
def outcome(folder: Path) -> Result:
    return run(folder / expected(folder)["capture"])


def fits(record: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether the alert *record* is as *wanted* says."""
    return all(
        _within(_value(record, name), value)
        for name, value in wanted.items()
        if name != "detector"
    ) and (record["slug"] == wanted["detector"])


def _value(record: dict[str, Any], name: str) -> Any:
    for part in name.split("."):
        record = record.get(part, {})
    return record


def _within(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(value == wanted)
    if not isinstance(value, int | float):
        return False
    return bool(wanted.get("gte", value) <= value <= wanted.get("lte", value))


@each_scenario
def test_scenario_raises_each_expected_alert_once(folder: Path) -> None:
    """Exactly one alert fits each expectation."""
    records = [alert_record(alert, "") for alert in outcome(folder).alerts]

    wrong = {
        str(wanted): number
        for wanted in expected(folder)["alerts"]
        if (number := sum(fits(record, wanted) for record in records)) != 1
    }

    assert wrong == {}


@each_scenario
def test_scenario_raises_nothing_else(folder: Path) -> None:
    """An alert that no expectation covers is a failure; posture may be listed."""
    posture = expected(folder).get("posture", [])
    records = [alert_record(alert, "") for alert in outcome(folder).alerts]

    surplus = [
        record["summary"]
        for record in records
        if not any(fits(record, wanted) for wanted in expected(folder)["alerts"])
        and not (record["code"].startswith(POSTURE) and record["slug"] in posture)
    ]

    assert surplus == []


@each_scenario
def test_scenario_raises_the_posture_it_lists(folder: Path) -> None:
    """Each posture finding that is listed is there."""
    found = {alert.slug for alert in outcome(folder).alerts}

    assert set(expected(folder).get("posture", ())) <= found


@each_scenario
def test_scenario_has_the_frames_it_says(folder: Path) -> None:
    """All frames of the capture are read, and the damaged ones counted."""
    counts = outcome(folder).counts

    assert {"read": counts.frames, "malformed": counts.malformed} == expected(folder)[
        "frames"
    ]


@each_scenario
def test_scenario_breaks_no_detector(folder: Path) -> None:
    """No detector is left out."""
    assert outcome(folder).broken == {}


@pytest.mark.parametrize("rule", BUILTIN, ids=[rule.code for rule in BUILTIN])
def test_detector_is_raised_by_a_scenario(rule: type[Any]) -> None:
    """Every detector has a scenario that expects it by name."""
    wanted = {
        alert["detector"]
        for folder in SCENARIOS
        for alert in expected(folder)["alerts"]
    }

    assert rule.slug in wanted


@pytest.mark.parametrize("path", BENIGN, ids=[path.name for path in BENIGN])
def test_benign_capture_is_silent(path: Path) -> None:
    """Nothing of severity low or more comes from an innocent network."""
    result = run(path)

    assert [alert.summary for alert in result.at_least(Severity.LOW)] == []
    assert result.broken == {}


@pytest.mark.parametrize("path", BENIGN, ids=[path.name for path in BENIGN])
def test_benign_capture_holds_frames(path: Path) -> None:
    """The silence is that of a capture that was read."""
    assert run(path).counts.frames > 100
