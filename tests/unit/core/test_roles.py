"""Roles: each may what the one before may."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.roles import ROLES, is_role, may


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", ["viewer"]),
        ("analyst", ["viewer", "analyst"]),
        ("admin", ["viewer", "analyst", "admin"]),
        ("ADMIN", []),
        ("sensor", []),
        ("public", []),
        ("", []),
    ],
)
def test_what_each_role_may(role, allowed):
    """What is no role, as those of an older version, may nothing."""
    assert [needed for needed in ROLES if may(role, needed)] == allowed
    assert is_role(role) == bool(allowed)


@pytest.mark.parametrize("needed", ["", "owner", "public", "sensor"])
def test_a_need_that_is_no_role_is_never_met(needed):
    """A typing error in a route locks it."""
    assert not may("admin", needed)
