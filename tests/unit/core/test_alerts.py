"""Severities and alert ids."""

from __future__ import annotations

import re

import pytest

from sentinel_netlab.core.alerts import Severity, alert_id


def test_severity_is_parsed_from_its_word():
    """Words and severities go both ways."""
    assert [Severity.parse(severity.word) for severity in Severity] == list(Severity)


def test_unknown_severity_names_the_known():
    """The error says what would have been right."""
    with pytest.raises(ValueError, match="info, low, medium, high, critical"):
        Severity.parse("terrible")


def test_id_is_32_lower_case_hex_digits():
    """The id has the form that the store expects."""
    assert re.fullmatch("[0-9a-f]{32}", alert_id("", "WD101", "bssid=x", 1))


@pytest.mark.parametrize(
    "other",
    [("s", "c", "k", 2), ("s", "c", "l", 1), ("s", "d", "k", 1), ("t", "c", "k", 1)],
)
def test_id_depends_on_each_part(other):
    """Sensor, detector, key and onset all matter."""
    assert alert_id(*other) != alert_id("s", "c", "k", 1)
