"""MAC addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.core.addresses import (
    BROADCAST,
    format_mac,
    is_group,
    is_local,
    oui_of,
    parse_mac,
)


@given(st.integers(0, BROADCAST))
def test_text_and_back(address):
    """Every address survives."""
    assert parse_mac(format_mac(address)) == address


def test_the_form():
    """Lower case with colons, leading zeros kept."""
    assert format_mac(0x02000000000A) == "02:00:00:00:00:0a"


def test_hyphens_and_capitals_are_read():
    """As Windows writes it."""
    assert parse_mac("02-00-00-00-00-0A") == 0x02000000000A


@pytest.mark.parametrize(
    "text",
    ["", "02:00:00:00:00", "02:00:00:00:00:0g", "02000000000a", " 02:00:00:00:00:0a"],
)
def test_anything_else_is_refused_by_name(text):
    """The message quotes the text."""
    with pytest.raises(ValueError, match="not a MAC address") as caught:
        parse_mac(text)

    assert repr(text) in str(caught.value)


def test_group_addresses():
    """The lowest bit of the first byte."""
    assert is_group(BROADCAST)
    assert is_group(0x01005E000001)
    assert not is_group(0x02000000000A)


def test_local_addresses():
    """The second bit of the first byte."""
    assert is_local(0x02000000000A)
    assert not is_local(0x00000000000A)


def test_the_vendor_of_a_local_address():
    """Group and local bits are no part of it."""
    assert oui_of(0x03123456789A) == 0x001234
