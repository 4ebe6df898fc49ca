"""SSID elements."""

from __future__ import annotations

from sentinel_netlab.core.elements import Fault
from sentinel_netlab.decode.elements import ssid
from sentinel_netlab.decode.elements.draft import Draft


def test_the_bytes_are_kept_as_they_came():
    """An SSID is bytes, not text."""
    draft = Draft()

    ssid.parse(b"caf\xe9\0", draft)

    assert draft.fields["ssid"] == b"caf\xe9\0"


def test_thirty_two_bytes_are_the_most():
    """An SSID of 32 bytes is good."""
    draft = Draft()

    ssid.parse(bytes(32), draft)

    assert draft.faults == []


def test_a_longer_one_is_a_fault_and_kept():
    """The 33rd byte makes a fault, and evidence needs the bytes."""
    draft = Draft()

    ssid.parse(b"a" * 33, draft)

    assert draft.faults == [Fault("length", 0, 33)]
    assert draft.fields["ssid"] == b"a" * 33


def test_the_first_of_two_counts():
    """Receivers take the first SSID element."""
    draft = Draft()

    ssid.parse(b"first", draft)
    ssid.parse(b"second", draft)

    assert draft.fields["ssid"] == b"first"
    assert draft.lists["ssids"] == [b"first", b"second"]
