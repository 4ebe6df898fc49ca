"""The demonstration as a newcomer runs it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest


@pytest.mark.timeout(280)
def test_demo_ends_with_exactly_the_expected_alerts():
    """Through agent, controller and worker as processes; nothing else came."""
    done = subprocess.run(
        [sys.executable, "-m", "sentinel_netlab", "demo", "--once"],
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Exactly the \d+ expected alerts came\.", done.stdout)
    assert "Traceback" not in done.stderr
