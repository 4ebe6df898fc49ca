"""What an alert may become."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.core.alert_status import FROM, RESOLUTIONS, STATUSES, status_after


@pytest.mark.parametrize(
    ("status", "action", "after"),
    [
        ("open", "acknowledge", "acknowledged"),
        ("open", "resolve", "false_positive"),
        ("open", "reopen", None),
        ("acknowledged", "acknowledge", None),
        ("acknowledged", "resolve", "false_positive"),
        ("acknowledged", "reopen", "open"),
        ("resolved", "acknowledge", None),
        ("resolved", "resolve", None),
        ("resolved", "reopen", "open"),
        ("false_positive", "acknowledge", None),
        ("false_positive", "resolve", None),
        ("false_positive", "reopen", "open"),
        (None, "acknowledge", "acknowledged"),
        ("NEW", "resolve", "false_positive"),
        ("NEW", "reopen", None),
    ],
)
def test_each_action_in_each_status(status, action, after):
    """None: not possible; a status that is none of ours counts as open."""
    assert status_after(status, action, "false_positive") == after


@given(st.lists(st.tuples(st.sampled_from(sorted(FROM)), st.sampled_from(RESOLUTIONS))))
def test_what_is_settled_stays_so_until_it_is_reopened(steps):
    """Whatever else people try; and every status is one of the four."""
    status = "open"
    for action, resolution in steps:
        before, after = status, status_after(status, action, resolution)
        status = after or status
        assert status in STATUSES
        assert before not in RESOLUTIONS or action == "reopen" or after is None
