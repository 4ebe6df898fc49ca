"""
What people may do: each role may what the one before may.
"""

from __future__ import annotations

ROLES = ("viewer", "analyst", "admin")
"""Looks; works on alerts; rules over people, sensors and sites."""


def is_role(text: str) -> bool:
    """Whether *text* names a role."""
    return text in ROLES


def may(role: str, needed: str) -> bool:
    """Whether *role* is *needed* or more; what is no role may nothing."""
    return (
        is_role(role) and is_role(needed) and ROLES.index(role) >= ROLES.index(needed)
    )
