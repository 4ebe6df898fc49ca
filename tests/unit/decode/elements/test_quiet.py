"""Quiet."""

from __future__ import annotations

from sentinel_netlab.core.elements import Fault, Quiet
from sentinel_netlab.decode.elements import quiet
from sentinel_netlab.decode.elements.draft import Draft


def test_the_fields():
    """Duration and offset are little-endian."""
    draft = Draft()

    quiet.parse(b"\x01\x02\x00\x7d\x10\x00", draft)

    assert draft.fields["quiet"] == Quiet(1, 2, 32000, 16)


def test_another_length_is_a_fault():
    """Five bytes are not six."""
    draft = Draft()

    quiet.parse(bytes(5), draft)

    assert draft.faults == [Fault("length", 40, 5)]
    assert draft.fields == {}
