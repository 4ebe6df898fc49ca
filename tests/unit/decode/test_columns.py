"""Columns of a block while it is decoded."""

from __future__ import annotations

import numpy as np
import pytest

from sentinel_netlab.core.frames import Frames
from sentinel_netlab.decode.columns import BlockColumns


def test_column_that_is_asked_for_holds_missing_values_and_can_be_written():
    """A step sets only the rows that it knows something of."""
    columns = BlockColumns(3)
    columns["reason"][1] = 7

    assert columns.finished()["reason"].tolist() == [-1, 7, -1]


@pytest.mark.parametrize("name", Frames.columns())
def test_column_that_nobody_asked_for_is_missing_everywhere(name):
    """It looks like any other column of the block, and cannot be written."""
    column, values = Frames.columns()[name], BlockColumns(3).finished()[name]

    assert np.array_equal(values, column.blank(3))
    assert values.dtype == column.dtype
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 0


def test_columns_of_no_rows_are_empty():
    """A block may have no frames."""
    assert {len(values) for values in BlockColumns(0).finished().values()} == {0}
