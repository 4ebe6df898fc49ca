"""Vendor specific elements."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.elements import Fault, Vendor
from sentinel_netlab.decode.elements import vendor
from sentinel_netlab.decode.elements.draft import Draft


def test_every_one_is_listed():
    """Also those that nobody reads."""
    draft = Draft()

    vendor.parse(b"\x00\x10\x18\x02\x01", draft)

    assert draft.lists["vendors"] == [Vendor(0x001018, 2, b"\x00\x10\x18\x02\x01")]


def test_an_oui_alone_has_no_type():
    """Type -1 is no byte."""
    draft = Draft()

    vendor.parse(b"\x00\x10\x18", draft)

    assert draft.lists["vendors"] == [Vendor(0x001018, -1, b"\x00\x10\x18")]


def test_less_than_an_oui_is_a_fault():
    """It is not listed."""
    draft = Draft()

    vendor.parse(b"\x00\x10", draft)

    assert draft.faults == [Fault("length", 221, 2)]
    assert draft.lists == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (bytes.fromhex("0050f201 0100"), "wpa"),
        (bytes.fromhex("0050f202 000180"), "wmm"),
        (bytes.fromhex("506f9a1c 020000000001 00"), "owe_transition"),
    ],
)
def test_known_ones_are_read_at_once(body, field):
    """By OUI and type."""
    draft = Draft()

    vendor.parse(body, draft)

    assert field in draft.fields


def test_wps_in_two_elements_is_joined():
    """An attribute may begin in one element and end in the next."""
    draft = Draft()
    vendor.parse(bytes.fromhex("0050f204 1044 0001"), draft)
    vendor.parse(bytes.fromhex("001018 02"), draft)
    vendor.parse(bytes.fromhex("0050f204 02"), draft)

    vendor.finish(draft)

    assert draft.fields["wps"].state == 2
    assert draft.faults == []


def test_p2p_in_two_elements_is_joined():
    """The same for P2P."""
    draft = Draft()
    vendor.parse(bytes.fromhex("506f9a09 02 0200"), draft)
    vendor.parse(bytes.fromhex("506f9a09 2501"), draft)

    vendor.finish(draft)

    assert draft.fields["p2p"].group_capability == 1
