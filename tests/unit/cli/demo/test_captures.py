"""What the demonstration replays is what the scenarios test."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.meta.test_sizes import ROOT
from tests.support.run import run

from sentinel_netlab.cli.demo.captures import captures

CAPTURES = captures()


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda one: one.title)
def test_capture_is_that_of_a_scenario(capture):
    """The same bytes: its provenance stands beside them."""
    folder = capture.path.name.partition(".")[0].replace("-", "/")
    original = ROOT / "tests/scenarios" / folder / "capture.pcap.gz"

    assert capture.path.read_bytes() == original.read_bytes()


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda one: one.title)
def test_expectation_is_what_analysis_finds(capture):
    """Nothing is expected because the demonstration shows it."""
    found = Counter(alert.slug for alert in run(capture.path).alerts)

    assert found == Counter(capture.expected)
