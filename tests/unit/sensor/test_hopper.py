"""Channel after channel, and what was not heard meanwhile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.sensor.hopper import FAVOUR, BlindTime, Hopper, spread

CHANNELS_24 = [2412 + 5 * number for number in range(13)]
plans = st.lists(st.sampled_from([*CHANNELS_24, 5180, 5200, 5955, 7115]), min_size=1)


@given(plans, st.sets(st.sampled_from(CHANNELS_24)), st.integers(1, 40))
def test_no_channel_starves(plan, favoured, start):
    """In a round each channel has its turn, whatever is favoured."""
    hopper = Hopper(plan, dwell_ms=100)
    for _ in range(start):
        hopper.next(favoured)

    seen = [hopper.next(favoured).frequency_mhz for _ in set(plan)]

    assert sorted(seen) == sorted(set(plan))


def test_favoured_channel_has_more_time():
    """Where there are own networks, or an attack goes on."""
    hopper = Hopper([2412, 2437], dwell_ms=100)

    stays = {hopper.next({2437}) for _ in range(2)}

    assert {(stay.frequency_mhz, stay.dwell_s) for stay in stays} == {
        (2412, 0.1),
        (2437, 0.1 * FAVOUR),
    }


def test_neighbours_are_apart():
    """Channels 1, 6, 11, 2, 7, 12 and so on."""
    numbers = [(mhz - 2407) // 5 for mhz in spread(CHANNELS_24)]

    assert numbers[:6] == [1, 6, 11, 2, 7, 12]


@pytest.mark.parametrize("radios", [2, 3])
def test_radios_are_offset(radios):
    """Several radios are never on one channel at the same time."""
    hoppers = [
        Hopper(CHANNELS_24, dwell_ms=100, radio=number, radios=radios)
        for number in range(radios)
    ]

    for _ in range(30):
        assert len({hopper.next().frequency_mhz for hopper in hoppers}) == radios


def test_single_channel_does_not_hop():
    """The radio stays where it is."""
    assert not Hopper([2437, 2437], dwell_ms=100).hops


def test_plan_without_channels_is_refused():
    """There is nothing to listen to."""
    with pytest.raises(ValueError, match="needs a channel"):
        Hopper([], dwell_ms=100)


def test_blindness_is_what_was_not_listened_to():
    """A second on one of two channels is a second of blindness on the other."""
    blind = BlindTime([2412, 2437], 10.0)
    blind.tuned([2412], 10.0)
    blind.tuned([2437], 11.0)
    blind.tuned([], 13.0)

    assert blind.report(14.0) == {2412: 3.0, 2437: 2.0}
    assert blind.report(15.0) == {2412: 1.0, 2437: 1.0}


@given(st.lists(st.tuples(st.floats(0, 9), st.sets(st.sampled_from([1, 2, 3])))))
def test_blindness_is_never_more_than_the_time(steps):
    """Nor less than nothing, whatever the radios do."""
    blind, now_s = BlindTime([1, 2], 0.0), 0.0
    for wait_s, tuned in steps:
        now_s += wait_s
        blind.tuned(tuned, now_s)

    report = blind.report(now_s)

    assert report.keys() == {1, 2}
    assert all(0 <= value <= round(now_s, 3) for value in report.values())
