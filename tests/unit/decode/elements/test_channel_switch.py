"""Channel switch announcements."""

from __future__ import annotations

from sentinel_netlab.core.elements import ChannelSwitch, Fault
from sentinel_netlab.decode.elements import channel_switch
from sentinel_netlab.decode.elements.draft import Draft


def test_a_csa():
    """Mode, channel and countdown; no operating class."""
    draft = Draft()

    channel_switch.parse(b"\x01\x0b\x05", draft)

    assert draft.fields["csa"] == ChannelSwitch(1, None, 11, 5)


def test_an_ecsa():
    """The extended one has an operating class before the channel."""
    draft = Draft()

    channel_switch.parse_extended(b"\x00\x73\x24\x03", draft)

    assert draft.fields["ecsa"] == ChannelSwitch(0, 115, 36, 3)


def test_other_lengths_are_faults():
    """Nothing is read from an announcement of another length."""
    draft = Draft()

    channel_switch.parse(b"\x01\x0b", draft)
    channel_switch.parse_extended(b"\x01\x0b\x05", draft)

    assert draft.faults == [Fault("length", 37, 2), Fault("length", 60, 3)]
    assert draft.fields == {}
