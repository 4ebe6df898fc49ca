"""
A short run of seeded mutations; `make fuzz` does the same with coverage guidance.
"""

from __future__ import annotations

import random

import pytest
from tests.fuzz.seeds import seeds
from tests.fuzz.target import analyse, mutated

SEEDS = seeds()
ROUNDS = 25


@pytest.mark.parametrize("name", SEEDS)
def test_seed_itself_is_read(name: str) -> None:
    """Mutations begin from captures that hold frames."""
    assert analyse(SEEDS[name]) >= 10


@pytest.mark.parametrize("name", SEEDS)
def test_mutations_break_nothing(name: str) -> None:
    """No mutated capture raises, warns or breaks a detector."""
    dice = random.Random(name)

    frames = sum(analyse(mutated(SEEDS[name], dice)) for _ in range(ROUNDS))

    assert frames > 0
