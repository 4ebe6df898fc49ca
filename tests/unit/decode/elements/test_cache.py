"""The cache of parsed element strings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.decode.elements import ElementCache, parse_elements


def ssid(number):
    """An element string that differs for each *number*."""
    return b"\x00\x04" + number.to_bytes(4, "big")


def test_the_same_bytes_are_parsed_once():
    """The second time gives the same object."""
    cache = ElementCache()

    assert cache.intern(ssid(1)) is cache.intern(ssid(1))


def test_what_is_used_survives_a_turnover():
    """A steady network stays while a flood passes."""
    cache = ElementCache(max_entries=4)
    steady = cache.intern(ssid(0))

    for number in range(1, 40):
        cache.intern(ssid(number))
        assert cache.intern(ssid(0)) is steady


def test_a_flood_does_not_make_it_grow():
    """Two generations are all there is."""
    cache = ElementCache(max_entries=16)

    for number in range(1000):
        cache.intern(ssid(number))

    assert len(cache) <= 32


def test_long_strings_turn_it_over_sooner():
    """Bytes count as well as entries."""
    cache = ElementCache(max_bytes=60)

    for number in range(1000):
        cache.intern(ssid(number))

    assert len(cache) <= 20


def test_a_cut_string_is_kept_apart():
    """The same bytes mean less where the capture cut the frame."""
    cache = ElementCache()

    assert cache.intern(ssid(1)).complete
    assert not cache.intern(ssid(1), truncated=True).complete


@given(st.lists(st.integers(0, 9), max_size=50), st.integers(1, 4))
def test_forgetting_changes_no_result(numbers, max_entries):
    """Whatever was evicted is parsed again to an equal value."""
    cache = ElementCache(max_entries=max_entries)

    found = [cache.intern(ssid(number)) for number in numbers]

    assert found == [parse_elements(ssid(number)) for number in numbers]
