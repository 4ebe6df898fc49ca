"""
What a certificate is for.
"""

from __future__ import annotations

from cryptography import x509


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The host names and addresses in the subject alternative names."""
    try:
        names = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value
    except x509.ExtensionNotFound:
        return ()
    hosts = names.get_values_for_type(x509.DNSName)
    addresses = names.get_values_for_type(x509.IPAddress)
    return (*(host.lower() for host in hosts), *(str(one) for one in addresses))
