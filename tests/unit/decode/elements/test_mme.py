"""Management MIC."""

from __future__ import annotations

import pytest

from sentinel_netlab.core.elements import Fault, Mme
from sentinel_netlab.decode.elements import mme
from sentinel_netlab.decode.elements.draft import Draft


@pytest.mark.parametrize("length", [16, 24])
def test_key_id_and_packet_number(length):
    """The MIC behind them has 8 or 16 bytes."""
    draft = Draft()

    mme.parse((b"\x04\x00\x09\x01" + bytes(20))[:length], draft)

    assert draft.fields["mme"] == Mme(4, 0x0109)


def test_another_length_is_a_fault():
    """Nothing is read from it."""
    draft = Draft()

    mme.parse(bytes(17), draft)

    assert draft.faults == [Fault("length", 76, 17)]
    assert draft.fields == {}
