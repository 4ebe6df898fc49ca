"""DSSS Parameter Set."""

from __future__ import annotations

from sentinel_netlab.core.elements import Fault
from sentinel_netlab.decode.elements import ds
from sentinel_netlab.decode.elements.draft import Draft


def test_the_channel_is_read():
    """One byte, the channel."""
    draft = Draft()

    ds.parse(b"\x0b", draft)

    assert draft.fields == {"ds_channel": 11}
    assert draft.faults == []


def test_another_length_is_a_fault():
    """Three bytes are a fault; the channel is still the first."""
    draft = Draft()

    ds.parse(b"\x06\x01\x02", draft)

    assert draft.faults == [Fault("length", 3, 3)]
    assert draft.fields == {"ds_channel": 6}


def test_an_empty_one_names_no_channel():
    """Without a byte there is no channel."""
    draft = Draft()

    ds.parse(b"", draft)

    assert draft.fields == {}
