"""OWE Transition Mode."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.elements import Fault, OweTransition
from sentinel_netlab.decode.elements import owe
from sentinel_netlab.decode.elements.draft import Draft

BSSID = bytes.fromhex("020000000009")


@pytest.mark.parametrize("behind", [b"", b"\x51\x06"])
def test_bssid_and_ssid_of_the_other_half(behind):
    """Operating class and channel may follow."""
    draft = Draft()

    owe.parse(BSSID + b"\x04free" + behind, draft)

    assert draft.fields["owe_transition"] == OweTransition(0x020000000009, b"free")


@pytest.mark.parametrize("body", [BSSID, BSSID + b"\x05free"])
def test_an_ssid_beyond_the_element_is_a_fault(body):
    """Nothing is read from it."""
    draft = Draft()

    owe.parse(body, draft)

    assert draft.faults == [Fault("count", 0x506F9A1C, 4 + len(body))]
    assert draft.fields == {}
