"""Which detectors run, and with which parameters."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect import BUILTIN
from sentinel_netlab.detect.selection import build, choose


@pytest.mark.parametrize(
    ("patterns", "codes"),
    [
        (["WD101"], ["WD101"]),
        (["deauth_flood"], ["WD101"]),
        (["wd60?"], ["WD601", "WD602", "WD603", "WD604", "WD605"]),
        (["karma", "WD1*1"], ["WD101", "WD111", "WD204"]),
        ([], [one.code for one in BUILTIN]),
    ],
)
def test_patterns_choose(patterns, codes):
    """By code or slug, each once, in the catalogue's order."""
    assert [one.code for one in choose(patterns)] == codes


def test_pattern_without_detector_is_refused():
    """A typo must not switch everything off."""
    with pytest.raises(ValueError, match="no detector matches 'WD9'"):
        choose(["WD101", "WD9"])


@pytest.mark.parametrize("name", ["deauth_flood", "WD101"])
def test_parameters_are_set(name):
    """The others keep their defaults."""
    detectors = build(choose([]), {f"{name}.window_s": 2}, Policy())

    flood = next(one for one in detectors if one.code == "WD101")
    assert flood.params.window_s == 2
    assert flood.params.threshold_frames == type(flood).Params().threshold_frames


@pytest.mark.parametrize(
    ("target", "value", "told"),
    [
        ("deauth_flod.window_s", 2, "unknown detector 'deauth_flod'"),
        ("deauth_flood.windw_s", 2, "deauth_flood: unknown parameter"),
        ("deauth_flood.window_s", -1, "deauth_flood: "),
    ],
)
def test_wrong_parameters_are_refused(target, value, told):
    """With the detector's name and what is wrong."""
    with pytest.raises(ValueError, match=told):
        build(choose([]), {target: value}, Policy())
