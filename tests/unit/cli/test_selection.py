"""Which detectors run, and how."""

from __future__ import annotations

import pytest

from sentinel_netlab.cli.selection import UsageError, build, choose, read_policy
from sentinel_netlab.core.policy import Policy
from sentinel_netlab.detect import BUILTIN


def test_nothing_asked_means_all():
    """Without patterns all detectors run."""
    assert choose([]) == BUILTIN


def test_patterns_match_codes_and_slugs():
    """Case does not matter for codes; commas separate."""
    codes = [detector.code for detector in choose(["wd60?", "karma, WD101"])]

    assert codes == ["WD101", "WD204", "WD601", "WD602", "WD603", "WD604", "WD605"]


def test_settings_reach_the_detector():
    """By slug or by code."""
    chosen = choose(["WD101", "WD102"])
    one, other = build(
        chosen, ["deauth_flood.window_s=2", "WD102.window_s=3"], Policy()
    )

    assert (one.params.window_s, other.params.window_s) == (2.0, 3.0)


@pytest.mark.parametrize("text", ["network = 1", "not toml ==", "[[network]]"])
def test_bad_policy_is_refused(tmp_path, text):
    """The file is named with what is wrong."""
    path = tmp_path / "site.toml"
    path.write_text(text)

    with pytest.raises(UsageError, match=r"site\.toml"):
        read_policy(str(path))
