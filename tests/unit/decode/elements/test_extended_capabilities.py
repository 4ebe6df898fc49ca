"""Extended Capabilities."""

from __future__ import annotations

from sentinel_netlab.decode.elements import extended_capabilities
from sentinel_netlab.decode.elements.draft import Draft


def test_the_bits_are_kept_as_they_came():
    """The element has any length."""
    draft = Draft()

    extended_capabilities.parse(b"\x04\x00\x08", draft)

    assert draft.fields == {"extended_capabilities": b"\x04\x00\x08"}
