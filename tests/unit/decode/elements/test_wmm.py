"""WMM."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.elements import Fault, Wmm
from sentinel_netlab.decode.elements import wmm
from sentinel_netlab.decode.elements.draft import Draft


def test_an_information_element():
    """Subtype, whole length and QoS info."""
    draft = Draft()

    wmm.parse(b"\x00\x01\x80", draft)

    assert draft.fields["wmm"] == Wmm(0, 7, 0x80)


def test_a_parameter_element_of_24_bytes_is_good():
    """That is its length in the specification."""
    draft = Draft()

    wmm.parse(b"\x01\x01\x80" + bytes(17), draft)

    assert draft.fields["wmm"].length == 24
    assert draft.faults == []


def test_a_longer_one_is_a_fault():
    """The 25th byte is what overflows a buffer."""
    draft = Draft()

    wmm.parse(b"\x01\x01\x80" + bytes(18), draft)

    assert draft.faults == [Fault("length", 0x0050F202, 25)]


def test_a_traffic_specification_may_be_long():
    """Subtype 2 has 61 bytes and is not what this is about."""
    draft = Draft()

    wmm.parse(b"\x02\x01" + bytes(55), draft)

    assert draft.fields == {}
    assert draft.faults == []


@pytest.mark.parametrize("body", [b"", b"\x00", b"\x00\x01"])
def test_a_short_one_is_a_fault(body):
    """QoS info is always there."""
    draft = Draft()

    wmm.parse(body, draft)

    assert draft.faults == [Fault("length", 0x0050F202, 4 + len(body))]
