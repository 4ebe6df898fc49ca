"""What a certificate is for."""

from __future__ import annotations

from cryptography import x509
from tests.support.pairs import certificate

from sentinel_netlab.cli.init.names import names_of


def test_names_come_from_the_subject_alternative_names():
    """The subject is none of them."""
    [pem] = x509.load_pem_x509_certificates(certificate(names=("B.example", "a")))
    [bare] = x509.load_pem_x509_certificates(certificate(names=()))

    assert names_of(pem) == ("b.example", "a")
    assert names_of(bare) == ()
