"""Token buckets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.controller.limits import Buckets, address_key


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


def test_burst_then_wait(clock):
    """A full bucket gives its burst, then tells how long to wait."""
    buckets = Buckets(2.0, 3, clock=clock)

    assert [buckets.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_refused_takes_cost_nothing(clock):
    """Who waits as told is served, however often he asked before."""
    buckets = Buckets(1.0, 1, clock=clock)
    assert [buckets.take("a") for _ in range(9)][-1] == 1.0

    clock.now_s = 1.0

    assert buckets.take("a") == 0.0


def test_looking_takes_nothing(clock):
    """The wait is told; the token stays."""
    buckets = Buckets(0.5, 1, clock=clock)

    assert [buckets.wait_s("a"), buckets.wait_s("a"), buckets.take("a")] == [0, 0, 0]
    assert buckets.wait_s("a") == buckets.take("a") == 2.0


def test_keys_do_not_share(clock):
    """One key's use is not another's."""
    buckets = Buckets(1.0, 1, clock=clock)

    assert buckets.take("a") == buckets.take("b") == 0.0


def test_table_is_bounded(clock):
    """The longest unused keys make room."""
    buckets = Buckets(0.001, 1, size=3, clock=clock)
    for key in "abc":
        buckets.take(key)
    buckets.take("a")
    buckets.take("d")

    assert len(buckets) == 3
    assert buckets.take("a") > 0
    assert buckets.take("b") == 0.0


def test_clock_that_goes_back_gives_nothing(clock):
    """Tokens never go below what is there."""
    buckets = Buckets(1.0, 1, clock=clock)
    clock.now_s = 10
    buckets.take("a")
    clock.now_s = 0

    assert buckets.take("a") == 1.0


@pytest.mark.parametrize(("rate", "burst", "size"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_senseless_bucket_is_an_error(rate, burst, size, clock):
    """No rate, no room, no table."""
    with pytest.raises(ValueError, match="bucket"):
        Buckets(rate, burst, size=size, clock=clock)


@given(st.lists(st.floats(0, 5), max_size=50))
def test_never_more_than_rate_and_burst(pauses):
    """In any time t at most burst + rate·t are taken."""
    clock = Clock()
    buckets = Buckets(2.0, 4, clock=clock)
    taken = 0
    for pause in pauses:
        clock.now_s += pause
        taken += buckets.take("a") == 0.0

    assert taken <= 4 + 2.0 * clock.now_s + 1e-6


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, ""),
    ],
)
def test_what_an_address_is_limited_by(address, key):
    """IPv4 alone, IPv6 by its /64."""
    assert address_key(address) == key
