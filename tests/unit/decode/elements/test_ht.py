"""HT Capabilities and HT Operation."""

from __future__ import annotations

from sentinel_netlab.core.elements import Fault, Ht
from sentinel_netlab.decode.elements import ht
from sentinel_netlab.decode.elements.draft import Draft


def test_both_elements_make_one_value():
    """Capabilities of the one, channel and offset of the other."""
    draft = Draft()

    ht.parse_capabilities(b"\xef\x11" + bytes(24), draft)
    ht.parse_operation(b"\x24\x05" + bytes(20), draft)

    assert draft.fields["ht"] == Ht(0x11EF, 36, 1)


def test_short_ones_are_faults():
    """Nothing is read from a short element."""
    draft = Draft()

    ht.parse_capabilities(bytes(25), draft)
    ht.parse_operation(bytes(21), draft)

    assert draft.faults == [Fault("length", 45, 25), Fault("length", 61, 21)]
    assert draft.fields == {}
