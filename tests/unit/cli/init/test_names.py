"""What a certificate is for."""

from __future__ import annotations

import pytest
from cryptography import x509
from tests.support.pairs import certificate

from sentinel_netlab.cli.init.names import is_covered, names_of, read_names


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


def test_names_come_from_the_subject_alternative_names():
    """The subject is none of them."""
    [pem] = x509.load_pem_x509_certificates(certificate(names=("B.example", "a")))
    [bare] = x509.load_pem_x509_certificates(certificate(names=()))

    assert names_of(pem) == ("b.example", "a")
    assert names_of(bare) == ()


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
