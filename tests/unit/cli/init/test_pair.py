"""A pair that nginx could not serve, or clients would not take, is refused before."""

from __future__ import annotations

import re
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.support.pairs import (
    DAY,
    HOST,
    NOW,
    certificate,
    ec_key,
    key_pem,
    rsa_key,
)

from sentinel_netlab.cli.init.pair import (
    SOON,
    PairError,
    read_pair,
    refuse_dates,
    warnings,
)

P256, RSA = ec_key(), rsa_key(2048)
ISSUER = ec_key(1)
INTERMEDIATE = certificate(ISSUER, subject="issuer", names=())


@pytest.mark.parametrize("key", [P256, RSA], ids=["EC", "RSA"])
def test_a_pair_is_taken(key):
    """With the bytes as they were."""
    pem = certificate(key)

    pair = read_pair(pem, key_pem(key))

    assert (pair.certificate, pair.key) == (pem, key_pem(key))
    assert pair.names == (HOST,)
    assert "PRIVATE" not in repr(pair)


def test_an_ec_key_may_have_its_parameters_before_it():
    """As `openssl ecparam -genkey` writes it."""
    old = P256.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    parameters = b"""\
-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
"""

    assert read_pair(certificate(), parameters + old).names == (HOST,)


def test_a_chain_keeps_its_order():
    """The own certificate first, then that of the issuer, and text between them."""
    own = certificate(issuer=ISSUER)

    pair = read_pair(b"subject=a\n" + own + b"\nissuer\n" + INTERMEDIATE, key_pem())

    assert len(pair.chain) == 2
    assert pair.own.public_bytes(serialization.Encoding.PEM) == own


def test_the_fingerprint_is_openssls(tmp_path):
    """In its form, so that both can be compared by eye."""
    path = tmp_path / "tls.crt"
    path.write_bytes(certificate())
    said = subprocess.run(
        ["openssl", "x509", "-in", path, "-noout", "-fingerprint", "-sha256"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    pair = read_pair(path.read_bytes(), key_pem())

    assert said.strip().partition("=")[2] == pair.fingerprint
    assert pair.description == (
        f"CN={HOST}; for {HOST}; until 2026-08-30; SHA-256 {pair.fingerprint}"
    )


@pytest.mark.parametrize(
    ("pem", "key", "why"),
    [
        (b"", key_pem(), "tls.crt is no certificate"),
        (certificate()[:200], key_pem(), "tls.crt is no certificate"),
        (key_pem(), key_pem(), "tls.crt is no certificate"),
        (certificate(), b"", "tls.key is no private key"),
        (certificate(), certificate(), "tls.key is no private key"),
        (certificate(), key_pem()[:80], "tls.key is no private key"),
        (certificate(), key_pem(password=b"hunter2"), "tls.key is encrypted"),
        (certificate(), key_pem(ec_key(1)), "do not match"),
        (certificate(), key_pem(RSA), "do not match"),
        (INTERMEDIATE + certificate(), key_pem(), "is the key of number 2"),
        (certificate(rsa_key(1024)), key_pem(rsa_key(1024)), "RSA needs 2048"),
        (
            certificate(),
            key_pem(ec.generate_private_key(ec.SECP256K1())),
            "of curve secp256k1",
        ),
        (
            certificate(),
            key_pem(ed25519.Ed25519PrivateKey.generate()),
            "neither RSA nor EC",
        ),
    ],
    ids=lambda item: "" if isinstance(item, bytes) else item,
)
def test_an_unusable_pair_is_refused(pem, key, why):
    """With the reason, and nothing of the key."""
    with pytest.raises(PairError, match=re.escape(why)) as caught:
        read_pair(pem, key)

    assert "BEGIN" not in str(caught.value)


def test_a_broken_hash_is_refused(tmp_path):
    """OpenSSL 3 would not load it, nor clients take it."""
    (tmp_path / "key").write_bytes(key_pem())
    made = subprocess.run(
        ["openssl", "req", "-x509", "-sha1", "-subj", "/CN=a",
         "-key", tmp_path / "key"],
        capture_output=True, check=True,
    ).stdout  # fmt: skip

    with pytest.raises(PairError, match="signed with sha1"):
        read_pair(made, key_pem())


def test_the_dates_count():
    """Both ends are within."""
    pair = read_pair(certificate(begin=NOW, end=NOW + DAY), key_pem())

    refuse_dates(pair, NOW)
    refuse_dates(pair, NOW + DAY)
    with pytest.raises(PairError, match=r"expired since 2026-06-02: renew it"):
        refuse_dates(pair, NOW + 1.01 * DAY)
    with pytest.raises(PairError, match=r"before 2026-06-01, and it is 2026-05-31"):
        refuse_dates(pair, NOW - DAY)


def test_a_good_pair_has_no_warning():
    """Exactly 21 days are enough, and so is a star."""
    pem = certificate(names=("*.example",), end=NOW + SOON)

    assert warnings(read_pair(pem, key_pem()), [HOST], NOW) == []


@pytest.mark.parametrize(
    ("pem", "warning"),
    [
        (certificate(end=NOW + 20.5 * DAY), "tls.crt expires in 20 days: renew it"),
        (certificate(names=("a.example",)), f"tls.crt is not for {HOST}"),
        (
            certificate(names=()),
            "tls.crt has no subject alternative names: clients refuse it",
        ),
        (
            certificate(
                extensions=(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]),)
            ),
            "tls.crt is not for servers: clients refuse it",
        ),
        (
            certificate() + certificate(ISSUER, begin=NOW - 9 * DAY, end=NOW - 2 * DAY),
            "tls.crt: number 2 in it is expired since 2026-05-30",
        ),
    ],
    ids=lambda item: "" if isinstance(item, bytes) else item,
)
def test_what_clients_mind_is_warned_of(pem, warning):
    """And served."""
    assert warnings(read_pair(pem, key_pem()), [HOST], NOW) == [warning]
