"""`sentinel detectors` as a user runs it."""

from __future__ import annotations

import pytest
from tests.unit.cli.test_analyze import sentinel

from sentinel_netlab.detect import BUILTIN


def test_catalogue_lists_all():
    """Every detector has its line."""
    shown = sentinel("detectors").stdout

    assert [d.code for d in BUILTIN if d.code not in shown] == []


@pytest.mark.parametrize("name", ["WD101", "wd101", "deauth_flood"])
def test_page_by_code_or_slug(name):
    """The page with its headings and parameters."""
    shown = sentinel("detectors", name).stdout

    assert "Blind spots:" in shown
    assert "deauth_flood.window_s" in shown


def test_unknown_detector_makes_status_2():
    """One line that says where the list is."""
    done = sentinel("detectors", "WD999")

    assert done.returncode == 2
    assert "WD999" in done.stderr


def test_version():
    """The version is told."""
    assert sentinel("--version").stdout.startswith("sentinel ")
