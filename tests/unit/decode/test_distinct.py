"""Equal byte strings are found without looking at them one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.decode import distinct
from sentinel_netlab.decode.distinct import FEWEST, WIDTHS, first_equals
from sentinel_netlab.decode.gather import PAD, Gather


def firsts(texts: Sequence[bytes]) -> list[int]:
    """`first_equals` of *texts* that touch each other in one buffer."""
    sizes = np.array([len(text) for text in texts], np.int64)
    raw = np.frombuffer(b"".join(texts) + bytes(PAD), np.uint8)
    return first_equals(Gather(raw), np.cumsum(sizes) - sizes, sizes).tolist()


LETTERS = st.sampled_from([b"\0", b"\x01", b"\xff"])
TEXTS = st.builds(
    lambda letter, size, last: letter * size + last,
    LETTERS,
    st.sampled_from([0, 1, 7, 8, 63, 64, 65, 190, 192, 193, 512, 513]),
    st.sampled_from([b"", b"\0", b"\x01"]),
)


@given(st.lists(TEXTS, max_size=200))
def test_same_answer_means_equal_strings_and_the_first_answers_for_itself(texts):
    """Strings that differ only in length, or in one byte, are told apart."""
    first = firsts(texts)

    assert [texts[place] for place in first] == texts
    assert [first[place] for place in first] == first
    assert all(place <= own for own, place in enumerate(first))


@pytest.mark.parametrize("size", [0, 1, *WIDTHS])
def test_equal_strings_of_a_width_have_one_answer(size):
    """What repeats costs one string."""
    texts = [b"a" * size] * FEWEST + [b"b" * 2000]

    assert firsts(texts)[:FEWEST] == [0] * FEWEST


def test_strings_of_equal_hash_are_compared(monkeypatch):
    """Whoever knows the factors can make such strings; they stay apart."""
    monkeypatch.setattr(distinct, "_FACTORS", np.zeros(WIDTHS[-1] // 8, np.uint64))
    texts = [b"ab", b"cd"] * FEWEST

    first = firsts(texts)
    assert [texts[place] for place in first] == texts
