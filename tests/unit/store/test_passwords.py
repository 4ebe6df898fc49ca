"""Passwords: argon2id, and one-time passwords of enough chance."""

from __future__ import annotations

import re

import pytest

from sentinel_netlab.store.passwords import (
    MAX_CHARS,
    MIN_CHARS,
    hash_password,
    is_password,
    make_password,
    password_problem,
)

HASH = hash_password("correct horse")


def test_hash_is_argon2id_with_the_parameters_of_rfc_9106():
    """Second recommended option: 64 MiB, three passes, four lanes."""
    assert re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$", HASH)
    assert len(HASH) < 200


@pytest.mark.parametrize(
    ("password", "kept", "fits"),
    [
        ("correct horse", HASH, True),
        ("correct horsf", HASH, False),
        ("", HASH, False),
        ("x" * (MAX_CHARS + 1), HASH, False),
        ("correct horse", HASH[:-4], False),
        ("correct horse", "correct horse", False),
        ("correct horse", "", False),
    ],
    ids=["it", "another", "none", "too long", "cut hash", "no hash", "nothing kept"],
)
def test_only_the_password_fits(password, kept, fits):
    """What is no hash of ours fits nothing."""
    assert is_password(password, kept) is fits


def test_each_hash_has_its_own_salt():
    """The same password twice gives two hashes."""
    assert hash_password("correct horse") != HASH


@pytest.mark.parametrize(
    ("length", "taken"),
    [(0, False), (MIN_CHARS - 1, False), (MIN_CHARS, True), (MAX_CHARS + 1, False)],
)
def test_lengths(length, taken):
    """Too short to be safe, too long to be hashed."""
    assert (password_problem("x" * length) is None) is taken


def test_what_is_not_taken_is_not_hashed():
    """An error says why."""
    with pytest.raises(ValueError, match="12 to 256"):
        hash_password("short")


def test_made_passwords_are_taken_and_differ():
    """25 letters of 31, in groups."""
    made = {make_password() for _ in range(50)}

    assert len(made) == 50
    assert all(re.fullmatch(r"([a-z2-9]{5}-){4}[a-z2-9]{5}", one) for one in made)
    assert all(password_problem(one) is None for one in made)
