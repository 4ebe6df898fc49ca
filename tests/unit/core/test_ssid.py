"""SSIDs as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.core.ssid import display_ssid, is_hidden


@pytest.mark.parametrize(
    ("ssid", "text"),
    [
        (b"Coffee House", "Coffee House"),
        ("Café 東京".encode(), "Café 東京"),
        (b"\xff\xfe", r"\xff\xfe"),
        (b"a\0b\n", r"a\x00b\x0a"),
        (b"\x1b[31mred", r"\x1b[31mred"),
        ("a\u202eb".encode(), r"a\xe2\x80\xaeb"),
        ("a\u00a0b".encode(), r"a\xc2\xa0b"),
        (rb"\x00", r"\x5cx00"),
        (b"", ""),
    ],
)
def test_display(ssid, text):
    """Printable UTF-8 as it is; everything else as bytes."""
    assert display_ssid(ssid) == text


@given(st.binary(max_size=40))
def test_display_is_always_printable(ssid):
    """No terminal obeys what is shown."""
    assert display_ssid(ssid).isprintable()


@given(st.binary(max_size=8), st.binary(max_size=8))
def test_two_ssids_never_have_the_same_text(one, other):
    """The text tells which bytes they are."""
    assert (display_ssid(one) == display_ssid(other)) == (one == other)


@pytest.mark.parametrize("ssid", [None, b"", b"\0", bytes(32)])
def test_hidden(ssid):
    """Absent, empty, or zeros in place of the name."""
    assert is_hidden(ssid)


def test_a_name_is_not_hidden():
    """One byte that is not zero is a name."""
    assert not is_hidden(b"\0a")
