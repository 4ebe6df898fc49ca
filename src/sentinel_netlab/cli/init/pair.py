"""
A certificate and its private key: read, and judged before nginx has to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from sentinel_netlab.cli.init.names import names_of
from sentinel_netlab.core.hosts import is_covered

CERTIFICATE = "tls.crt"
KEY = "tls.key"
SOON = timedelta(days=21)
MIN_RSA_BITS = 2048  # NIST SP 800-57 part 1 rev. 5, table 2
CURVES = ("secp256r1", "secp384r1", "secp521r1")
"""What TLS clients accept in a certificate (RFC 8446, 4.2.3)."""
_BROKEN_HASHES = ("md5", "sha1")


class PairError(ValueError):
    """The pair cannot be served; the text says why, and holds nothing of the key."""


@dataclass(frozen=True, slots=True)
class Pair:
    """
    What nginx is given.

    Attributes:
        certificate: PEM, as it was read.
        key: PEM, as it was read.
        chain: the server's own certificate, then those of its issuers.
    """

    certificate: bytes
    key: bytes = field(repr=False)
    chain: tuple[x509.Certificate, ...]

    @property
    def own(self) -> x509.Certificate:
        """The server's own certificate."""
        return self.chain[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The host names and addresses that it is for."""
        return names_of(self.own)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the own certificate, as `openssl x509 -fingerprint` shows it."""
        return self.own.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def description(self) -> str:
        """Subject, names, last day and fingerprint, in one line."""
        subject = ascii(self.own.subject.rfc4514_string())[1:-1] or "no subject"
        names = ascii(", ".join(self.names))[1:-1] or "no names"
        return (
            f"{subject}; for {names}; until {day(self.own.not_valid_after_utc)}; "
            f"SHA-256 {self.fingerprint}"
        )


def read_pair(certificate: bytes, key: bytes) -> Pair:
    """
    The pair of two PEM texts.

    Raises:
        PairError: one is unreadable or weak, or they do not belong together.
    """
    try:
        chain = tuple(x509.load_pem_x509_certificates(certificate))
    except ValueError:
        raise PairError(f"{CERTIFICATE} is no certificate in PEM") from None
    public = _public_key(key)
    pair = Pair(certificate, key, chain)
    try:
        matching = [one.public_key() == public for one in chain]
        broken = pair.own.signature_hash_algorithm
    except (UnsupportedAlgorithm, ValueError):
        raise PairError(
            f"{CERTIFICATE} has a key or signature of a strange kind"
        ) from None
    if not any(matching):
        raise PairError(f"{KEY} is not the key of {CERTIFICATE}: they do not match")
    if not matching[0]:
        raise PairError(
            f"{CERTIFICATE} has to begin with the server's own certificate: "
            f"{KEY} is the key of number {matching.index(True) + 1} in it"
        )
    if broken is not None and broken.name in _BROKEN_HASHES:
        raise PairError(
            f"{CERTIFICATE} is signed with {broken.name}, which clients refuse"
        )
    return pair


def refuse_dates(pair: Pair, now: datetime) -> None:
    """
    Let a pair pass that is valid at *now*.

    Raises:
        PairError: it is expired, or not yet valid.
    """
    begin, end = pair.own.not_valid_before_utc, pair.own.not_valid_after_utc
    if now > end:
        raise PairError(f"{CERTIFICATE} is expired since {day(end)}: renew it")
    if now < begin:
        raise PairError(
            f"{CERTIFICATE} is not valid before {day(begin)}, and it is {day(now)}"
        )


def warnings(pair: Pair, names: Iterable[str], now: datetime) -> list[str]:
    """What clients of the *names* will mind, at *now* or soon."""
    found = []
    left = pair.own.not_valid_after_utc - now
    if left < SOON:
        found.append(f"{CERTIFICATE} expires in {left.days} days: renew it")
    if not pair.names:
        found.append(
            f"{CERTIFICATE} has no subject alternative names: clients refuse it"
        )
    elif missing := [name for name in names if not is_covered(name, pair.names)]:
        found.append(f"{CERTIFICATE} is not for {', '.join(missing)}")
    if not _is_for_servers(pair.own):
        found.append(f"{CERTIFICATE} is not for servers: clients refuse it")
    found += [
        f"{CERTIFICATE}: number {number} in it is expired since "
        f"{day(one.not_valid_after_utc)}"
        for number, one in enumerate(pair.chain[1:], 2)
        if now > one.not_valid_after_utc
    ]
    return found


def day(when: datetime) -> str:
    """The date of *when*, as 2026-11-29."""
    return when.date().isoformat()


def _public_key(pem: bytes) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise PairError(
            f"{KEY} is encrypted, and nobody is there to type a password: "
            "give it without one (openssl pkey)"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise PairError(f"{KEY} is no private key in PEM") from None
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < MIN_RSA_BITS:
            raise PairError(
                f"{KEY} has {key.key_size} bits, and RSA needs {MIN_RSA_BITS}"
            )
        return key.public_key()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        if key.curve.name not in CURVES:
            raise PairError(
                f"{KEY} is of curve {key.curve.name}, not of P-256 or P-384"
            )
        return key.public_key()
    raise PairError(f"{KEY} is neither RSA nor EC, and clients take no other")


def _is_for_servers(certificate: x509.Certificate) -> bool:
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return True
    wanted = {
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    }
    return not wanted.isdisjoint(uses.value)
