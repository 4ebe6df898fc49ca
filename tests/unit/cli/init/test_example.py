"""The env file as text; tests/meta/test_example_settings.py judges what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentinel_netlab.cli.init.example import (
    SECTIONS,
    default_of,
    example_file,
    own_fields,
)
from sentinel_netlab.worker.settings import WorkerSettings

ROOT = Path(__file__).resolve().parents[4]


def test_the_example_in_the_tree_is_this_text():
    """`make docs` writes it."""
    assert (ROOT / "ops/.env.prod.example").read_text() == example_file()


def test_another_intro_changes_nothing_else():
    """Each of its lines is a comment."""
    head, _, rest = example_file("one\ntwo\n").partition("\n\n")

    assert head == "# one\n# two"
    assert rest == example_file().partition("\n\n")[2]


def test_each_name_stands_once():
    """In the first section whose class reads it."""
    names = [name for cls in SECTIONS.values() for name, _ in own_fields(cls)]

    assert len(names) == len(set(names)) > 40
    assert "DATABASE_URL" not in [name for name, _ in own_fields(WorkerSettings)]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("syslog_tls", "true"),
        ("lock_timeout_s", "4"),
        ("syslog_port", "6514"),
        ("libpq_sslmode", ""),
    ],
)
def test_defaults_are_as_the_environment_says_them(field, text):
    """Words and numbers in the form that is read back."""
    assert default_of(WorkerSettings.model_fields[field]) == text
