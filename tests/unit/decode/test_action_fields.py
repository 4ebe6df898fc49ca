"""The table of action fields is consistent."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.actions import ActionRows
from sentinel_netlab.decode.action_fields import ACTIONS, Field

FIELDS = [(key, field) for key, action in ACTIONS.items() for field in action.fields]


@pytest.mark.parametrize(("key", "field"), FIELDS)
def test_field_has_a_column(key: tuple[int, int], field: Field) -> None:
    """Every field fills a column of `ActionRows`."""
    assert field.column in ActionRows.columns()


@pytest.mark.parametrize(("key", "field"), FIELDS)
def test_field_lies_inside_its_action(key: tuple[int, int], field: Field) -> None:
    """A field ends within the bytes that its action must have."""
    assert field.offset + field.size <= ACTIONS[key].least_bytes
