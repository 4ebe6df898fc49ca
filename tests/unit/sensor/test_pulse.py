"""Whether the decoder still gets on."""

from __future__ import annotations

from sentinel_netlab.sensor.pulse import MOST_STUCK_S, Pulse


def test_nothing_to_do_is_no_hang():
    """A silent night is not one, however long it is."""
    pulse = Pulse()

    assert all(pulse.beats(MOST_STUCK_S) for _ in range(10))


def test_block_that_never_ends_is_one():
    """After a minute; before, the decoder is only slow."""
    pulse = Pulse()
    pulse.begun += 1

    beats = [pulse.beats(MOST_STUCK_S / 2) for _ in range(4)]

    assert beats == [True, True, False, False]


def test_progress_ends_it():
    """The next block is another one."""
    pulse = Pulse()
    pulse.begun += 1
    for _ in range(4):
        pulse.beats(MOST_STUCK_S / 2)
    pulse.done += 1
    pulse.begun += 1

    assert pulse.beats(MOST_STUCK_S / 2)
