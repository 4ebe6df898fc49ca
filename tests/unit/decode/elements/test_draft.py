"""Draft."""

from __future__ import annotations

from sentinel_netlab.core.elements import Fault
from sentinel_netlab.decode.elements.draft import Draft


def test_the_first_value_of_a_field_wins():
    """A repeated element changes nothing."""
    draft = Draft()

    draft.put("ds_channel", 1)
    draft.put("ds_channel", 6)

    assert draft.finished()["ds_channel"] == 1


def test_lists_become_tuples():
    """Elements are frozen, so are their parts."""
    draft = Draft()

    draft.extend("rates", b"\x02\x04")
    draft.extend("rates", b"\x0b")
    draft.fault("length", 1, 0)

    assert draft.finished() == {
        "rates": (2, 4, 11),
        "faults": (Fault("length", 1, 0),),
    }
