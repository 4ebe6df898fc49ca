"""Names of frame kinds."""

from __future__ import annotations

import pytest

from sentinel_netlab.core import kinds


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (kinds.BEACON, "beacon"),
        (kinds.DEAUTH, "deauthentication"),
        (kinds.QOS_DATA, "QoS data"),
        (0x0F, "type 0 subtype 15"),
    ],
)
def test_kind_has_a_name(kind, name):
    """A reserved kind is named by its numbers."""
    assert kinds.kind_name(kind) == name
