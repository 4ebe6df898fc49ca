"""Key messages of a block."""

from __future__ import annotations

from tests.support.air import Air, beacon, data, eapol_key

from sentinel_netlab.core.eapol import M1, M2
from sentinel_netlab.core.frames import RETRY
from sentinel_netlab.detect.handshakes import answers, messages

FIRST, SECOND = 0x008A, 0x010A


def test_messages_by_number_without_repetitions():
    """Rows come in order of the air; Retries are left out."""
    air = Air()
    air.send(beacon())
    air.send(data(eapol_key(FIRST), from_ap=True))
    air.send(data(eapol_key(FIRST), from_ap=True, flags=RETRY))
    air.send(data(eapol_key(SECOND, extra=bytes(22))))
    [frames] = air.frames()

    assert messages(frames, M1, M2) == [(1, 0), (3, 2)]
    assert messages(frames, M2) == [(3, 2)]
    assert answers(frames) == [3]


def test_block_without_eapol():
    """Nothing is found where nothing is."""
    air = Air()
    air.send(beacon())
    [frames] = air.frames()

    assert messages(frames, M1) == []
