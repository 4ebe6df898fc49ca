"""VHT Capabilities and VHT Operation."""

from __future__ import annotations

from sentinel_netlab.core.elements import Fault, Vht
from sentinel_netlab.decode.elements import vht
from sentinel_netlab.decode.elements.draft import Draft


def test_both_elements_make_one_value():
    """Capabilities of the one, width of the other."""
    draft = Draft()

    vht.parse_capabilities(b"\x01\x02\x03\x04" + bytes(8), draft)
    vht.parse_operation(b"\x01\x2a\x00\x00\x00", draft)

    assert draft.fields["vht"] == Vht(0x04030201, 1)


def test_short_ones_are_faults():
    """Nothing is read from a short element."""
    draft = Draft()

    vht.parse_capabilities(bytes(11), draft)
    vht.parse_operation(bytes(4), draft)

    assert draft.faults == [Fault("length", 191, 11), Fault("length", 192, 4)]
    assert draft.fields == {}
