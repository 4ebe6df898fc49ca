"""Choosing among packet bodies."""

from __future__ import annotations

import numpy as np

from sentinel_netlab.decode.eapol_body import Bodies


def test_chosen_bodies_keep_their_values_together() -> None:
    """Every array is filtered alike."""
    first = np.arange(3)
    bodies = Bodies(first, first + 10, first + 20, first + 30)

    chosen = bodies.of(np.array([True, False, True]))

    assert [values.tolist() for values in chosen] == [
        [0, 2],
        [10, 12],
        [20, 22],
        [30, 32],
    ]
