"""Multi-Link."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.elements import EXTENSION, Fault, MultiLink
from sentinel_netlab.decode.elements import multi_link
from sentinel_netlab.decode.elements.draft import Draft

ADDRESS = bytes.fromhex("020000000001")
COMMON = b"\x07" + ADDRESS


def profile(link):
    """A Per-STA Profile subelement of *link*."""
    return bytes([0, 3, link, 0, 0])


def test_a_basic_one_names_its_mld():
    """Common info of a basic element begins with the MLD address."""
    draft = Draft()

    multi_link.parse(b"\x00\x00" + COMMON, draft)

    assert draft.fields["multi_link"] == MultiLink(0, 0x020000000001, ())


def test_the_links_of_its_profiles():
    """Each per-STA profile names its link; other subelements do not."""
    draft = Draft()
    vendor = b"\xdd\x03\x00\x01\x02"

    multi_link.parse(b"\x00\x00" + COMMON + profile(1) + vendor + profile(15), draft)

    assert draft.fields["multi_link"].links == (1, 15)
    assert draft.faults == []


@pytest.mark.parametrize(
    ("control", "address"),
    [
        (b"\x01\x00", None),
        (b"\x02\x00", None),
        (b"\x12\x00", 0x020000000001),
        (b"\x03\x00", 0x020000000001),
        (b"\x04\x00", 0x020000000001),
        (b"\x07\x00", None),
    ],
)
def test_which_types_have_an_address(control, address):
    """A probe request's has none; a reconfiguration's only if a bit says so."""
    draft = Draft()

    multi_link.parse(control + COMMON, draft)

    assert draft.fields["multi_link"].mld_address == address


@pytest.mark.parametrize("common", [b"\x00", b"\x08" + ADDRESS])
def test_common_info_beyond_the_element_is_a_fault(common):
    """Its length counts itself and cannot pass the end."""
    draft = Draft()

    multi_link.parse(b"\x00\x00" + common, draft)

    assert draft.faults == [Fault("count", EXTENSION + 107, 3 + len(common))]
    assert draft.fields == {}


@pytest.mark.parametrize("broken", [b"\x00", b"\x00\x05\x01\x00"])
def test_a_subelement_beyond_the_element_is_a_fault(broken):
    """What came before it is kept."""
    draft = Draft()

    multi_link.parse(b"\x00\x00" + COMMON + profile(2) + broken, draft)

    assert [fault.kind for fault in draft.faults] == ["count"]
    assert draft.fields["multi_link"].links == (2,)


def test_two_bytes_are_too_short():
    """Control and the length of common info are always there."""
    draft = Draft()

    multi_link.parse(b"\x00\x00", draft)

    assert draft.faults == [Fault("length", EXTENSION + 107, 3)]
