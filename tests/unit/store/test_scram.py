"""Passwords and the verifiers that libpq and PostgreSQL make of them."""

from __future__ import annotations

import pytest
from tests.support.databases import server_url, sql

from sentinel_netlab.store.scram import matches

PASSWORDS = ["x", "pencil", "a-password-of-the-tests", "'\\%20 \t~", "a" * 1_000]
# RFC 7677, 3: user "user", password "pencil", with the keys that follow from it.
RFC_7677 = (
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
    "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
)


@pytest.fixture(scope="module")
def connection():
    import psycopg

    with psycopg.connect(server_url("postgresql16")) as c:
        yield c.pgconn


@pytest.mark.parametrize("password", PASSWORDS)
def test_the_password_of_a_verifier_of_libpq(connection, password):
    """Its own, and not another one."""
    made = connection.encrypt_password(password.encode(), b"anybody", b"scram-sha-256")

    assert matches(password, made.decode())
    assert not matches(password + "x", made.decode())
    assert not matches(password[:-1], made.decode())


def test_the_password_of_a_verifier_of_the_server():
    """Which it makes of what it is given in the clear."""
    url = server_url("postgresql16")
    sql(url, "CREATE ROLE scram_of_tests PASSWORD 'in-the-clear'")
    try:
        query = "SELECT rolpassword FROM pg_authid WHERE rolname = 'scram_of_tests'"
        [(verifier,)] = sql(url, query)
    finally:
        sql(url, "DROP ROLE scram_of_tests")

    assert matches("in-the-clear", verifier)


def test_the_example_of_the_rfc():
    """With its salt and its iterations."""
    assert matches("pencil", RFC_7677)
    assert not matches("Pencil", RFC_7677)


@pytest.mark.parametrize(
    "verifier",
    [
        "",
        "pencil",
        "md5" + "0" * 32,
        "SCRAM-SHA-256$0:AAAA$AAAA:AAAA",
        "SCRAM-SHA-256$4096:A$A:A",
        RFC_7677.replace("256$", "512$"),
        RFC_7677 + "$",
    ],
)
def test_other_texts_are_no_verifiers(verifier):
    """Then the password is set anew."""
    assert not matches("pencil", verifier)
