"""Names of hosts: read in any form, compared as clients compare them."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.hosts import address_of, is_covered, read_names


def test_names_are_read_in_any_form():
    """Several in one text, none, twice, in capitals; addresses in their usual form."""
    texts = ["Sentinel.Example., 10.0.0.1", "", " ,sentinel.example", "2001:DB8:0::1"]

    assert read_names(texts) == ("sentinel.example", "10.0.0.1", "2001:db8::1")


@pytest.mark.parametrize(
    "text",
    ["a b", "-a.example", "a..example", "1.2.3.400", "bücher.example", "*.example",
     "https://a.example", "[::1]", "a_b", "x" * 64, ".".join(["abcdefg"] * 32)],
)  # fmt: skip
def test_other_text_is_refused(text):
    """With the text in the error."""
    with pytest.raises(ValueError, match="is neither a host name") as caught:
        read_names([text])

    assert ascii(text) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "by", "covered"),
    [
        ("a.example", ("b.example", "a.example"), True),
        ("a.example", ("*.example",), True),
        ("b.a.example", ("*.example",), False),
        ("example", ("*.example",), False),
        ("10.0.0.1", ("*.0.0.1",), False),
        ("10.0.0.1", ("10.0.0.1",), True),
        ("a.example", (), False),
    ],
)
def test_a_star_is_one_label(name, by, covered):
    """And none of an address."""
    assert is_covered(name, by) is covered


def test_an_address_is_no_host_name():
    """And a host name is no address."""
    assert str(address_of("2001:db8:0::1")) == "2001:db8::1"
    assert address_of("localhost") is None
