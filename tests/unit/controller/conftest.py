"""What the tests of the controller share."""

from __future__ import annotations

import pytest
from tests.support.app import StubProbe


@pytest.fixture
def stub_of() -> type[StubProbe]:
    """A probe that finds what it is told."""
    return StubProbe
