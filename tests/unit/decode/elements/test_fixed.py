"""Elements of fixed length."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.elements import Fault
from sentinel_netlab.decode.elements.draft import Draft
from sentinel_netlab.decode.elements.fixed import BODY_BYTES, checker


@pytest.mark.parametrize("element_id", BODY_BYTES)
def test_the_right_length_is_no_fault(element_id):
    """Nothing is noted about it."""
    draft = Draft()

    checker(element_id)(bytes(BODY_BYTES[element_id]), draft)

    assert draft.faults == []


@pytest.mark.parametrize("element_id", BODY_BYTES)
def test_one_byte_more_is_a_fault(element_id):
    """The fault names the element and the length that it has."""
    draft = Draft()
    length = BODY_BYTES[element_id] + 1

    checker(element_id)(bytes(length), draft)

    assert draft.faults == [Fault("length", element_id, length)]
