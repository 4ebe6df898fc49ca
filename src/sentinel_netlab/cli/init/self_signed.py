"""
A certificate for the time until there is a real one.

It signs itself and is nobody's issuer, so who trusts it trusts this server alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sentinel_netlab.cli.init.pair import Pair, day
from sentinel_netlab.core.hosts import address_of, is_covered

ALWAYS = ("localhost", "127.0.0.1", "::1")
LIFE = timedelta(days=397)
"""Apple's clients accept no longer one than 398 days."""
RENEWAL = timedelta(days=30)
_CLOCK_SKEW = timedelta(hours=1)
_NAME = x509.Name(
    [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sentinel NetLab"),
        x509.NameAttribute(NameOID.COMMON_NAME, "self-signed"),
    ]
)


def make_self_signed(names: Iterable[str], now: datetime) -> Pair:
    """A new pair for this machine and *names*, valid from an hour before *now*."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    begin = now - _CLOCK_SKEW
    builder = (
        x509.CertificateBuilder()
        .subject_name(_NAME)
        .issuer_name(_NAME)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + LIFE)
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    wanted = dict.fromkeys([*ALWAYS, *names])
    general_names = x509.SubjectAlternativeName(map(_general_name, wanted))
    certificate = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(_signatures_only(), critical=True)
        .add_extension(server, critical=False)
        .add_extension(general_names, critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(issuer, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    chain = certificate.public_bytes(serialization.Encoding.PEM)
    return Pair(chain, pem, (certificate,))


def is_self_made(pair: Pair) -> bool:
    """Whether *pair* came from `make_self_signed`."""
    return pair.own.subject == pair.own.issuer == _NAME


def why_renew(pair: Pair, names: Iterable[str], now: datetime) -> str | None:
    """Why *pair* will not do for *names* any longer, or None."""
    begin, end = pair.own.not_valid_before_utc, pair.own.not_valid_after_utc
    if end - now < RENEWAL:
        return f"it was valid until {day(end)}"
    if now < begin:
        return f"it is not valid before {day(begin)}"
    missing = [n for n in (*ALWAYS, *names) if not is_covered(n, pair.names)]
    return f"it is not for {', '.join(missing)}" if missing else None


def _general_name(name: str) -> x509.GeneralName:
    address = address_of(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)


def _signatures_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
