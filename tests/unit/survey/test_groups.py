"""Groups of rows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.survey.groups import Groups


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(-9, 9)), min_size=1
    )
)
def test_reductions_equal_a_dictionary(rows):
    """Sum, lowest and highest per key are those of the definition."""
    groups = Groups.of(
        [np.array([a for a, _, _ in rows]), np.array([b for _, b, _ in rows])]
    )
    values = np.array([value for _, _, value in rows])
    wanted: dict[tuple[int, int], list[int]] = {}
    for a, b, value in rows:
        wanted.setdefault((a, b), []).append(value)

    reduced = zip(
        groups.sum(values), groups.lowest(values), groups.highest(values), strict=True
    )
    assert dict(zip(groups.key_tuples(), reduced, strict=True)) == {
        key: (sum(one), min(one), max(one)) for key, one in wanted.items()
    }
