"""Traffic Indication Map."""

from __future__ import annotations

from sentinel_netlab.core.elements import Fault, Tim
from sentinel_netlab.decode.elements import tim
from sentinel_netlab.decode.elements.draft import Draft


def test_a_full_one():
    """Count, period, control and the rest as bitmap."""
    draft = Draft()

    tim.parse(b"\x01\x03\x00\x82\x10", draft)

    assert draft.fields["tim"] == Tim(1, 3, 0, b"\x82\x10")


def test_it_may_end_behind_the_period():
    """A TIM without traffic may leave control and bitmap out."""
    draft = Draft()

    tim.parse(b"\x00\x02", draft)

    assert draft.fields["tim"] == Tim(0, 2, 0, b"")
    assert draft.faults == []


def test_one_byte_is_too_short():
    """Count and period are always there."""
    draft = Draft()

    tim.parse(b"\x00", draft)

    assert draft.faults == [Fault("length", 5, 1)]
    assert draft.fields == {}
