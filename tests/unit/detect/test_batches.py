"""Rows of a block per key, in batches."""

from __future__ import annotations

import numpy as np

from sentinel_netlab.detect.batches import Batches

ROWS = np.array([2, 3, 5, 7, 11])
KEYS = (np.array([1, 2, 1, 2, 1]), np.array([0, 0, 0, 9, 0]))


def taken(batches: Batches, part: slice) -> list[int]:
    return ROWS[batches.order[part]].tolist()


def test_each_row_is_handed_out_once():
    """A batch begins where the last one of its key ended."""
    batches = Batches(ROWS, KEYS)

    assert taken(batches, batches.before((1, 0), 6)) == [2, 5]
    assert taken(batches, batches.before((1, 0), 6)) == []
    assert taken(batches, batches.before((1, 0), 99)) == [11]


def test_a_row_is_not_before_itself():
    """The end is exclusive."""
    batches = Batches(ROWS, KEYS)

    assert taken(batches, batches.before((2, 0), 3)) == []


def test_unknown_key_has_nothing():
    """A key that is not here is no error."""
    batches = Batches(ROWS, KEYS)

    assert taken(batches, batches.before((2, 1), 99)) == []


def test_rest_comes_by_last_row():
    """Every key is named, also what was handed out."""
    batches = Batches(ROWS, KEYS)
    batches.before((2, 0), 99)
    batches.before((1, 0), 6)

    assert [(key, taken(batches, part)) for key, part in batches.rest()] == [
        ((2, 0), []),
        ((2, 9), [7]),
        ((1, 0), [11]),
    ]


def test_no_rows_no_keys():
    """An empty block is allowed."""
    none = np.array([], np.intp)

    assert list(Batches(none, (none, none)).rest()) == []
