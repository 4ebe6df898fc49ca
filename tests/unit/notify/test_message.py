"""What channels are given."""

from __future__ import annotations

import pytest
from tests.support.messages import message, notice

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.notify.message import severity_of


def test_digest_is_as_bad_as_its_worst():
    """The order of the notices does not matter."""
    mixed = [notice(severity="critical"), notice(severity="low")]

    assert message(*mixed).severity is Severity.CRITICAL


@pytest.mark.parametrize("broken", [{}, {"alert": None}, {"alert": {"severity": "?"}}])
def test_notice_without_severity_is_information(broken):
    """A row of another version is said all the same."""
    assert severity_of(broken) is Severity.INFO
