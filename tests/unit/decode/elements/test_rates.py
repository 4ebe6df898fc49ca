"""Supported rates."""

from __future__ import annotations

from sentinel_netlab.core.elements import Fault
from sentinel_netlab.decode.elements import rates
from sentinel_netlab.decode.elements.draft import Draft


def test_both_elements_make_one_list():
    """Supported and extended rates are one list, the basic bit kept."""
    draft = Draft()

    rates.parse(b"\x82\x0b", draft)
    rates.parse_extended(b"\x30\x6c", draft)

    assert draft.lists["rates"] == [0x82, 0x0B, 0x30, 0x6C]


def test_no_rate_at_all_is_a_fault():
    """An element without a rate says nothing and is not allowed."""
    draft = Draft()

    rates.parse(b"", draft)
    rates.parse_extended(b"", draft)

    assert draft.faults == [Fault("length", 1, 0), Fault("length", 50, 0)]


def test_twelve_rates_are_no_fault():
    """Real access points name more than eight rates in one element."""
    draft = Draft()

    rates.parse(bytes(range(2, 14)), draft)

    assert draft.faults == []
