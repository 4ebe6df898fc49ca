"""HE Capabilities and HE Operation."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.elements import EXTENSION, Fault, He
from sentinel_netlab.decode.elements import he
from sentinel_netlab.decode.elements.draft import Draft

SIX_GHZ = b"\x25\x00\x2f\x00\x06"


def test_capabilities_are_the_first_six_bytes():
    """The MAC capabilities are kept as they came."""
    draft = Draft()

    he.parse_capabilities(bytes(range(21)), draft)

    assert draft.fields["he"] == He(bytes(range(6)), None, None)


def test_the_color_is_six_bits():
    """The upper bits beside the BSS color mean something else."""
    draft = Draft()

    he.parse_operation(b"\x00\x00\x00\xc5\x00\x00", draft)

    assert draft.fields["he"] == He(None, 5, None)


@pytest.mark.parametrize(
    ("parameters", "before"),
    [
        (b"\x00\x00\x02", b""),
        (b"\x00\x40\x02", bytes(3)),
        (b"\x00\x80\x02", bytes(1)),
        (b"\x00\xc0\x02", bytes(4)),
    ],
)
def test_the_primary_channel_in_6_ghz(parameters, before):
    """It lies behind the optional fields that the parameters announce."""
    draft = Draft()

    he.parse_operation(parameters + bytes(3) + before + SIX_GHZ, draft)

    assert draft.fields["he"].primary_channel == 0x25


def test_an_announced_but_missing_6_ghz_field_is_a_fault():
    """The bit is set, the bytes are not there."""
    draft = Draft()

    he.parse_operation(b"\x00\x00\x02\x05\x00\x00\x25", draft)

    assert draft.faults == [Fault("length", EXTENSION + 36, 8)]
    assert draft.fields["he"].primary_channel is None


def test_short_ones_are_faults():
    """Nothing is read from a short element; the extension byte counts."""
    draft = Draft()

    he.parse_capabilities(bytes(20), draft)
    he.parse_operation(bytes(5), draft)

    assert draft.faults == [
        Fault("length", EXTENSION + 35, 21),
        Fault("length", EXTENSION + 36, 6),
    ]
