"""Tables of columns."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.core.actions import ActionRows
from sentinel_netlab.core.eapol import EapolRows


def rows(*numbers: int) -> ActionRows:
    columns = ActionRows.blank_columns(len(numbers))
    columns["row"][:] = numbers
    columns["dialog_token"][:] = [number * 10 for number in numbers]
    return ActionRows(**columns)


def test_blank_columns_hold_missing_values():
    """Every column begins with the value that says nothing is known."""
    blank = EapolRows.blank_columns(2)

    for name, column in EapolRows.columns().items():
        assert (blank[name] == column.missing).all()
        assert blank[name].dtype == column.dtype


def test_empty_table_has_no_rows():
    """A block without such frames has an empty table."""
    assert len(ActionRows.empty()) == 0


@given(
    st.sets(st.integers(0, 30)),
    st.lists(st.integers(0, 30), unique=True),
)
def test_at_follows_selected_rows(there, selected):
    """After a selection the table points to the same frames at their new places."""
    table = rows(*sorted(there)).at(np.array(selected, np.intp))

    found = {
        selected[row]: token
        for row, token in zip(
            table.row.tolist(), table.dialog_token.tolist(), strict=True
        )
    }
    assert found == {row: row * 10 for row in selected if row in there}
    assert table.row.tolist() == sorted(table.row.tolist())


def test_concatenated_tables_keep_order():
    """Tables of two blocks become one about both."""
    both = ActionRows.concatenated([rows(1, 2), rows(0).shifted(5)])

    assert both.row.tolist() == [1, 2, 5]
    assert both.dialog_token.tolist() == [10, 20, 0]
