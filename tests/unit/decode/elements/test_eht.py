"""EHT Capabilities and EHT Operation."""

from __future__ import annotations

from sentinel_netlab.core.elements import EXTENSION, Eht, Fault
from sentinel_netlab.decode.elements import eht
from sentinel_netlab.decode.elements.draft import Draft


def test_both_elements_make_one_value():
    """MAC capabilities of the one, the other as it came."""
    draft = Draft()

    eht.parse_capabilities(b"\x34\x12" + bytes(9), draft)
    eht.parse_operation(b"\x00\x44\x44\x44\x44", draft)

    assert draft.fields["eht"] == Eht(0x1234, b"\x00\x44\x44\x44\x44")


def test_short_ones_are_faults():
    """Nothing is read from a short element."""
    draft = Draft()

    eht.parse_capabilities(bytes(10), draft)
    eht.parse_operation(bytes(4), draft)

    assert draft.faults == [
        Fault("length", EXTENSION + 108, 11),
        Fault("length", EXTENSION + 106, 5),
    ]
