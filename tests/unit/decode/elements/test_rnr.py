"""Reduced Neighbor Report."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.elements import Fault, Neighbor
from sentinel_netlab.decode.elements import rnr
from sentinel_netlab.decode.elements.draft import Draft

BSSID = bytes.fromhex("020000000007")


def test_each_access_point_of_a_field():
    """The count of a field is one less than the access points in it."""
    draft = Draft()
    one = b"\xff" + BSSID

    rnr.parse(b"\x10\x07\x83\x25" + one + one, draft)

    assert draft.lists["neighbors"] == [Neighbor(131, 37, 0x020000000007)] * 2
    assert draft.faults == []


def test_several_fields():
    """Each field has its own channel and length."""
    draft = Draft()
    first = b"\x00\x01\x51\x06\xff"
    second = b"\x00\x0d\x83\x05\xff" + BSSID + bytes(6)

    rnr.parse(first + second, draft)

    assert draft.lists["neighbors"] == [
        Neighbor(81, 6, None),
        Neighbor(131, 5, 0x020000000007),
    ]


def test_another_type_of_field_has_no_bssid():
    """Only type 0 is laid out like this."""
    draft = Draft()

    rnr.parse(b"\x01\x07\x83\x25\xff" + BSSID, draft)

    assert draft.lists["neighbors"] == [Neighbor(131, 37, None)]


@pytest.mark.parametrize("body", [b"\x10\x07\x83\x25\xff" + BSSID, b"\x00\x01"])
def test_a_count_beyond_the_element_is_a_fault(body):
    """Two access points are announced and one is there; or half a header."""
    draft = Draft()

    rnr.parse(body, draft)

    assert draft.faults == [Fault("count", 201, len(body))]
    assert draft.lists["neighbors"] == []
