"""The kernel's ring, on an interface that looks like a monitor interface."""

from __future__ import annotations

import pytest
from tests.support.tap import ETHERNET, Tap, missing

from sentinel_netlab.sensor.capture.live import InterfaceError, LiveCapture

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))
RADIOTAP = bytes.fromhex("0000080000000000")
ENOUGH = 50


def packet(number: int, size: int = 100) -> bytes:
    """A packet that knows its number."""
    return RADIOTAP + number.to_bytes(4, "big") + bytes(size)


def heard(capture: LiveCapture, wanted: int) -> list[bytes]:
    """At least *wanted* packets, or what came in time."""
    found: list[bytes] = []
    for _ in range(ENOUGH):
        if len(found) >= wanted:
            break
        capture.wait(0.2)
        for one in capture.ready():
            ends = (one.start + one.length).tolist()
            found += [
                one.raw[start:end].tobytes()
                for start, end in zip(one.start.tolist(), ends, strict=True)
            ]
    return found


def test_packets_arrive_as_they_were_heard():
    """In order, whole, each once; the ring goes round."""
    sent = [packet(number, size=10 + number % 1400) for number in range(3000)]
    with Tap() as tap, LiveCapture(tap.name, block_bytes=1 << 16, blocks=4) as capture:
        found = []
        for at in range(0, len(sent), 50):
            tap.hear_all(sent[at : at + 50])
            found += heard(capture, 50)
        dropped = capture.statistics()

    assert found == sent
    assert (dropped.packets, dropped.lost) == (3000, 0)


def test_lost_packets_are_counted():
    """What found no room is known, and what found some is whole."""
    with Tap() as tap, LiveCapture(tap.name, block_bytes=1 << 16, blocks=2) as capture:
        tap.hear_all(packet(number) for number in range(3000))
        found = heard(capture, 1)
        dropped = capture.statistics()

    assert dropped.packets == 3000
    assert 0 < dropped.lost < 3000
    assert found == [packet(number) for number in range(len(found))]


def test_what_was_given_is_not_written_again():
    """Packets stay as they are while the ring goes round."""
    with Tap() as tap, LiveCapture(tap.name, block_bytes=1 << 16, blocks=2) as capture:
        tap.hear(packet(1))
        capture.wait(5)
        [first] = capture.ready()
        for number in range(2, 600):
            tap.hear(packet(number, 1000))
            list(capture.ready())

    start = int(first.start[0])
    assert first.raw[start : start + 12].tobytes() == packet(1)[:12]


@pytest.mark.parametrize("how", ["down", "remove"])
def test_lost_interface_is_told(how):
    """Taken down or unplugged: the caller hears of it, and may try again."""
    with Tap() as tap, LiveCapture(tap.name) as capture:
        getattr(tap, how)()
        with pytest.raises(InterfaceError) as caught:
            heard(capture, 1)

    assert caught.value.lost


@pytest.mark.parametrize(
    ("kind", "state", "told"),
    [
        (ETHERNET, "up", "is not a monitor interface"),
        (803, "down", "is down"),
        (803, "remove", "there is no interface"),
    ],
)
def test_unusable_interface_is_refused(kind, state, told):
    """With one line that says why."""
    with Tap(kind) as tap:
        getattr(tap, state)()
        with pytest.raises(InterfaceError, match=told) as caught:
            LiveCapture(tap.name)

    assert not caught.value.lost
