"""Country."""

from __future__ import annotations

from sentinel_netlab.core.elements import Country, Fault
from sentinel_netlab.decode.elements import country
from sentinel_netlab.decode.elements.draft import Draft


def test_code_and_triplets():
    """The third character of the string is no part of the code."""
    draft = Draft()

    country.parse(b"DE \x01\x0d\x14\x24\x04\x17", draft)

    assert draft.fields["country"] == Country("DE", ((1, 13, 20), (36, 4, 23)))


def test_padding_is_no_triplet():
    """One byte of padding makes the length even."""
    draft = Draft()

    country.parse(b"US \x01\x0b\x1e\x00", draft)

    assert draft.fields["country"].triplets == ((1, 11, 30),)
    assert draft.faults == []


def test_a_code_from_the_air_cannot_steer_a_terminal():
    """Control characters in the code are escaped."""
    draft = Draft()

    country.parse(b"\x1b[ \x01\x0b\x1e", draft)

    assert draft.fields["country"].code == "\\x1b["


def test_too_short_for_a_triplet():
    """A string alone is a fault."""
    draft = Draft()

    country.parse(b"DE ", draft)

    assert draft.faults == [Fault("length", 7, 3)]
