"""Codes that people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.core.join_codes import CODE_BYTES, hash_code, make_code

CODE = make_code(bytes(range(CODE_BYTES)))


def test_code_has_four_groups():
    """Letters and digits that are told apart."""
    assert CODE == "aaaqea-yeauda-ocajbi-fqydio"


@given(
    st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES),
    st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES),
)
def test_other_bytes_are_another_code(one, other):
    """Every bit of the random bytes counts."""
    same = hash_code(make_code(one)) == hash_code(make_code(other))

    assert same == (one == other)


@pytest.mark.parametrize(
    "typed",
    [CODE.upper(), CODE.replace("-", ""), f" {CODE}\n", CODE.replace("o", "0")],
)
def test_how_a_code_is_typed_does_not_matter(typed):
    """Capitals, hyphens, space around, a zero for an o."""
    assert hash_code(typed) == hash_code(CODE)


@given(st.text())
def test_any_text_has_a_hash(text):
    """What is no code is no error: it opens nothing."""
    assert len(hash_code(text)) == 64


@pytest.mark.parametrize("size", [0, CODE_BYTES - 1, CODE_BYTES + 1])
def test_code_is_made_of_its_number_of_bytes(size):
    """A weaker code is none."""
    with pytest.raises(ValueError, match="15 bytes"):
        make_code(bytes(size))
