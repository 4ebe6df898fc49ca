"""Equal rows stand together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.core import together as module
from sentinel_netlab.core.together import together

ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([0, 1, 2**48 - 1, 2**64 - 1])),
    max_size=40,
)


def groups(rows: list[tuple[int, int]]) -> dict[tuple[int, int], list[int]]:
    """Positions of each key, in the order in which they stand."""
    first = np.array([one for one, _ in rows], np.int64)
    second = np.array([two for _, two in rows], np.uint64)
    order, starts = together((first, second))
    ends = [*starts[1:].tolist(), len(rows)][: len(starts)]
    spans = zip(starts.tolist(), ends, strict=True)
    found = [order[start:end].tolist() for start, end in spans]
    assert sorted(order.tolist()) == list(range(len(rows)))
    return {rows[mine[0]]: mine for mine in found}


def expected(rows: list[tuple[int, int]]) -> dict[tuple[int, int], list[int]]:
    known: dict[tuple[int, int], list[int]] = {}
    for position, row in enumerate(rows):
        known.setdefault(row, []).append(position)
    return known


@given(ROWS)
def test_each_key_has_its_rows_in_order(rows):
    """All of them, and no others."""
    assert groups(rows) == expected(rows)


@pytest.mark.parametrize("odd", [0, 1, 2**63])
def test_keys_that_meet_are_told_apart(monkeypatch, odd):
    """However badly the numbers are spread."""
    rows = [(1, 0), (2, 0), (1, 0), (0, 2**64 - 1), (2, 0), (1, 1)]
    monkeypatch.setattr(module, "_ODD", np.uint64(odd))

    assert groups(rows) == expected(rows)
