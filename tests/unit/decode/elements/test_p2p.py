"""P2P attributes."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.elements import Fault, P2p
from sentinel_netlab.decode.elements import p2p
from sentinel_netlab.decode.elements.draft import Draft

CAPABILITY = b"\x02\x02\x00\x25\x01"
DEVICE_ID = b"\x03\x06\x00" + bytes.fromhex("020000000003")


def test_attributes_are_listed_with_their_length():
    """Ids and body lengths are enough to judge a Notice of Absence."""
    draft = Draft()

    p2p.parse(CAPABILITY + b"\x0c\x03\x00abc", draft)

    assert draft.fields["p2p"] == P2p(((2, 2), (12, 3)), None, 1)


def test_the_device_address():
    """It is in the Device ID of beacons and the Device Info of probe responses."""
    draft = Draft()

    p2p.parse(DEVICE_ID, draft)

    assert draft.fields["p2p"].device_address == 0x020000000003


@pytest.mark.parametrize("broken", [b"\x0c", b"\x0c\xff\x00"])
def test_an_attribute_beyond_the_element_is_a_fault(broken):
    """What came before it is kept."""
    draft = Draft()

    p2p.parse(CAPABILITY + broken, draft)

    assert draft.faults == [Fault("count", 0x506F9A09, 9 + len(broken))]
    assert draft.fields["p2p"].attributes == ((2, 2),)
