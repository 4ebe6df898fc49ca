"""Every detector has a page, a scenario and parameters that say what they mean."""

from __future__ import annotations

import re

import pytest
import yaml
from tests.meta.test_sizes import ROOT

from sentinel_netlab.detect import BUILTIN
from sentinel_netlab.detect.page import HEADINGS, sections_of
from sentinel_netlab.detect.params import specs_of

SCENARIOS = sorted((ROOT / "tests/scenarios").glob("*/*/expect.yaml"))


def expected_slugs() -> set[str]:
    """Slugs and codes that some scenario expects."""
    found: set[str] = set()
    for path in SCENARIOS:
        expect = yaml.safe_load(path.read_text())
        found |= {alert["detector"] for alert in expect.get("alerts", [])}
        found |= {str(code) for code in expect.get("posture", [])}
    return found


@pytest.mark.parametrize("detector", BUILTIN, ids=lambda d: d.code)
def test_page_has_all_headings(detector):
    """Trigger, source, units, threshold, false positives, blind spots: none empty."""
    sections = sections_of(detector)

    assert [name for name in sections if name] == list(HEADINGS)
    assert all(sections[name] for name in HEADINGS)
    assert "@" not in sections["Threshold"]


@pytest.mark.parametrize("detector", BUILTIN, ids=lambda d: d.code)
def test_identity_is_well_formed(detector):
    """Code, slug, title, technique, kinds and key names are filled in."""
    assert re.fullmatch(r"WD[1-6]\d\d", detector.code)
    assert re.fullmatch(r"[a-z0-9_]+", detector.slug)
    assert re.fullmatch(r"T\d{4}(\.\d{3})?", detector.attack)
    assert detector.title
    assert detector.kinds
    assert detector.key_names


@pytest.mark.parametrize("detector", BUILTIN, ids=lambda d: d.code)
def test_parameters_say_what_they_mean(detector):
    """Each has a unit, a sentence and bounds that hold its default."""
    for default, spec in specs_of(detector.Params).values():
        assert spec.unit
        assert spec.doc.endswith(".")
        assert spec.least <= default <= spec.most


@pytest.mark.parametrize("detector", BUILTIN, ids=lambda d: d.code)
def test_some_scenario_raises_it(detector):
    """A capture of tests/scenarios shows it at work."""
    assert {detector.slug, detector.code} & expected_slugs()


def test_codes_and_slugs_are_unique_and_sorted():
    """The catalogue is a list by code."""
    codes = [detector.code for detector in BUILTIN]

    assert codes == sorted(set(codes))
    assert len({detector.slug for detector in BUILTIN}) == len(codes)


@pytest.mark.parametrize("detector", BUILTIN, ids=lambda d: d.code)
def test_alert_outlasts_every_window(detector):
    """Else frames of a closed alert would prove the next one, under the same id."""
    specs = specs_of(detector.Params)
    longest = {name: spec.most for name, (_, spec) in specs.items() if "window" in name}

    raised = detector(detector.Params(**longest))

    assert raised.quiet_s >= max(longest.values(), default=0)
