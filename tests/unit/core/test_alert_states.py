"""States of an alert: the same in any order, however often they come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sentinel_netlab.core.alert_states import fold, merge, state_of, version_of
from sentinel_netlab.core.wire import AlertChange

ID = "0" * 32


def change(**values: object) -> AlertChange:
    """A state of one alert."""
    given_values = {
        "id": ID,
        "code": "WD101",
        "slug": "deauth_flood",
        "title": "Deauthentication flood",
        "severity": "high",
        "confidence": 0.9,
        "first_us": 1_000,
        "raised_us": 2_000,
        "last_us": 3_000,
        "count": 10,
        "key": "bssid=02:00:00:00:00:01",
        "attack": "T1499",
        "summary": "10 frames",
        **values,
    }
    return AlertChange(**given_values)  # type: ignore[arg-type]  # from one dict


changes = st.builds(
    change,
    id=st.sampled_from([ID, "1" * 32]),
    severity=st.sampled_from(["low", "high"]),
    first_us=st.integers(0, 3),
    raised_us=st.integers(0, 3),
    last_us=st.integers(0, 3),
    count=st.integers(0, 3),
    summary=st.sampled_from(["a", "b"]),
    evidence=st.dictionaries(st.sampled_from("xy"), st.integers(0, 2), max_size=2),
    closed=st.booleans(),
)


@given(st.lists(changes, min_size=1, max_size=8), st.data())
def test_any_order_and_repetition_gives_the_same(states, data):
    """The fold of a shuffled list with repetitions is that of the list."""
    again = data.draw(st.permutations(states * 2))

    assert fold(again) == fold(states)


@given(changes, changes, changes)
def test_merge_is_associative(one, two, three):
    """How states are grouped into batches does not matter."""
    a, b, c = state_of(one), state_of(two), state_of(three)

    assert merge(merge(a, b), c) == merge(a, merge(b, c))


def test_newest_state_gives_the_words():
    """A late state adds its times and its count, not its words."""
    late = change(last_us=2_500, first_us=500, count=40, summary="late")

    [state] = fold([change(), late])

    assert state.newest.summary == "10 frames"
    assert (state.first_us, state.last_us, state.count) == (500, 3_000, 40)


def test_closed_stays_closed():
    """A state that was sent before the end does not open it again."""
    [state] = fold([change(closed=True), change(last_us=9_000)])

    assert state.closed


def test_version_sorts_as_text():
    """By time, then count, then the end; of one width."""
    ranked = [
        change(last_us=9, count=10**18),
        change(last_us=10, count=9),
        change(last_us=10, count=10),
        change(last_us=10, count=10, closed=True),
    ]
    versions = [version_of(one) for one in ranked]

    assert versions == sorted(versions)
    assert {len(version) for version in versions} == {70}
