"""Parameters are checked."""

from __future__ import annotations

import pytest

from sentinel_netlab.detect.params import NoParams, specs_of, with_values
from sentinel_netlab.detect.rules._disconnects import FloodParams


def test_values_replace_defaults():
    """Texts become numbers of the right kind."""
    params = with_values(FloodParams(), {"window_s": "2", "threshold_frames": "20"})

    assert params.window_s == 2.0
    assert params.threshold_frames == 20


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("colour", "1", "unknown parameter 'colour'; it has window_s"),
        ("window_s", "two", "expected a number of s, got 'two'"),
        ("threshold_frames", "2.5", "expected an integer of frames"),
        ("threshold_frames", "0", "outside 1 to"),
        ("window_s", "nan", "window_s"),
        ("window_s", "inf", "window_s"),
        ("threshold_frames", "1e400", "threshold_frames"),
    ],
)
def test_mistake_is_named(name, value, problem):
    """The message says which parameter, what is wrong, and what is allowed."""
    with pytest.raises(ValueError, match=r".") as error:
        with_values(FloodParams(), {name: value})

    assert problem in str(error.value)


def test_detector_without_parameters():
    """Nothing can be set where there is nothing."""
    assert specs_of(NoParams) == {}
    with pytest.raises(ValueError, match="it has none"):
        with_values(NoParams(), {"x": "1"})
