"""The certificate for the time until there is a real one."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.support.pairs import DAY, HOST, NOW, certificate, key_pem

from sentinel_netlab.cli.agent import trust
from sentinel_netlab.cli.init.pair import PairError, read_pair, refuse_dates, warnings
from sentinel_netlab.cli.init.self_signed import (
    LIFE,
    RENEWAL,
    is_self_made,
    make_self_signed,
    why_renew,
)

NAMES = (HOST, "192.0.2.7")
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def pair():
    """One for `NAMES`, made at NOW."""
    return make_self_signed(NAMES, NOW)


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> None:
    """A TLS handshake, without a network between."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(10):
        for side in list(sides):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            sides.remove(side)
    assert sides == []


def contexts(pair, folder, *, pinned) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a server of *pair*, and of a sensor with `--ca` *pinned*."""
    (folder / "tls.crt").write_bytes(pair.certificate)
    (folder / "tls.key").write_bytes(pair.key)
    (folder / "ca.pem").write_bytes(pinned.certificate)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    return server, trust(str(folder / "ca.pem"))


@pytest.fixture(scope="module")
def today():
    """As `pair`, and valid today: OpenSSL reads a clock of its own."""
    return make_self_signed(NAMES, datetime.now(UTC))


@pytest.mark.parametrize("strict", [0, ssl.VERIFY_X509_STRICT], ids=["", "strict"])
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", *NAMES])
def test_who_pins_it_is_served(today, tmp_path, name, strict):
    """Under each of its names, also with the checks that Python 3.13 added."""
    server, client = contexts(today, tmp_path, pinned=today)
    client.verify_flags |= strict

    shake_hands(server, client, name)


def test_it_is_for_no_other_name(today, tmp_path):
    """A client of another name goes away."""
    server, client = contexts(today, tmp_path, pinned=today)

    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands(server, client, "other.example")


def test_another_one_is_not_taken_for_it(today, tmp_path):
    """They have the same subject, and yet are not each other's issuer."""
    other = make_self_signed(NAMES, today.own.not_valid_before_utc)
    server, client = contexts(other, tmp_path, pinned=today)

    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(server, client, HOST)


def test_it_is_a_pair_as_a_given_one(pair):
    """It passes the same checks, without a warning."""
    read = read_pair(pair.certificate, pair.key)

    refuse_dates(read, NOW)
    assert warnings(read, NAMES, NOW) == []
    assert read.fingerprint == pair.fingerprint


def test_it_signs_nothing_but_handshakes(pair):
    """Who has its key cannot issue certificates that the sensors believe."""
    of = pair.own.extensions.get_extension_for_class
    usage = of(x509.KeyUsage).value

    assert of(x509.BasicConstraints).value.ca is False
    assert (usage.digital_signature, usage.key_cert_sign) == (True, False)
    assert list(of(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_it_lives_397_days(pair):
    """From an hour before, for clocks that are behind."""
    begin, end = pair.own.not_valid_before_utc, pair.own.not_valid_after_utc

    assert begin == NOW - timedelta(hours=1)
    assert end - begin == LIFE == timedelta(days=397)
    with pytest.raises(PairError):
        refuse_dates(pair, end + SECOND)


def test_each_has_a_key_of_its_own(pair):
    """And a serial number."""
    other = make_self_signed(NAMES, NOW)

    assert other.key != pair.key
    assert other.own.serial_number != pair.own.serial_number


def test_it_knows_its_own(pair):
    """A given one is another, though it signs itself."""
    assert is_self_made(pair)
    assert not is_self_made(read_pair(certificate(), key_pem()))


@pytest.mark.parametrize(
    ("names", "now", "why"),
    [
        (NAMES, NOW, None),
        ((), NOW, None),
        (NAMES, NOW - DAY, "it is not valid before 2026-06-01"),
        (("a.example", *NAMES), NOW, "it is not for a.example"),
    ],
    ids=str,
)
def test_it_is_renewed_when_it_will_not_do(pair, names, now, why):
    """A name more, or a clock that was wrong when it was made."""
    assert why_renew(pair, names, now) == why


def test_it_is_renewed_30_days_before_its_end(pair):
    """Not a second earlier."""
    end = pair.own.not_valid_after_utc

    assert why_renew(pair, NAMES, end - RENEWAL) is None
    assert why_renew(pair, NAMES, end - RENEWAL + SECOND) == (
        "it was valid until 2027-07-03"
    )
