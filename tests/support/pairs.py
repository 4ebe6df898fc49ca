"""Certificates and keys as operators have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOST = "sentinel.example"


@cache
def ec_key(number: int = 0) -> ec.EllipticCurvePrivateKey:
    """A key of P-256; another *number* is another key."""
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """A key of RSA."""
    return rsa.generate_private_key(65_537, bits)


def name_of(text: str) -> x509.Name:
    """The subject that is called *text*."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(
    key: Any = None,
    *,
    issuer: Any = None,
    subject: str = HOST,
    names: tuple[str, ...] = (HOST,),
    begin: datetime = NOW - DAY,
    end: datetime = NOW + 90 * DAY,
    extensions: tuple[x509.ExtensionType, ...] = (),
) -> bytes:
    """A certificate in PEM; without *issuer*, a key, it signs itself."""
    key = key or ec_key()
    builder = x509.CertificateBuilder(
        name_of("issuer" if issuer else subject), name_of(subject), key.public_key(), 1
    )
    builder = builder.not_valid_before(begin).not_valid_after(end)
    if names:
        hosts = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(hosts, critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    made = builder.sign(issuer or key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def key_pem(key: Any = None, password: bytes | None = None) -> bytes:
    """*key* in PEM."""
    encryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    return (key or ec_key()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )
