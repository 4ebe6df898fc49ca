"""
Settings from the environment: read, judged all at once, never shown.

The classes live in the packages that use them; what is common to them lives here.
"""

from __future__ import annotations

from sentinel_netlab.settings.base import Rule, Settings, is_secret, name_of
from sentinel_netlab.settings.load import (
    EX_CONFIG,
    Reading,
    SettingsError,
    load,
    load_or_exit,
    read,
)
from sentinel_netlab.settings.secrets import Secret

__all__ = [
    "EX_CONFIG",
    "Reading",
    "Rule",
    "Secret",
    "Settings",
    "SettingsError",
    "is_secret",
    "load",
    "load_or_exit",
    "name_of",
    "read",
]
