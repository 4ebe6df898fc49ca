"""Mobility Domain."""

from __future__ import annotations

from sentinel_netlab.core.elements import Fault, MobilityDomain
from sentinel_netlab.decode.elements import mobility_domain
from sentinel_netlab.decode.elements.draft import Draft


def test_identifier_and_capability():
    """The identifier is little-endian."""
    draft = Draft()

    mobility_domain.parse(b"\x34\x12\x01", draft)

    assert draft.fields["mobility_domain"] == MobilityDomain(0x1234, 1)


def test_another_length_is_a_fault():
    """Two bytes are not three."""
    draft = Draft()

    mobility_domain.parse(b"\x34\x12", draft)

    assert draft.faults == [Fault("length", 54, 2)]
