"""`sentinel init` as the stack runs it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from sentinel_netlab.cli.app import app


def init(*arguments: str):
    """Run `sentinel init` with *arguments*."""
    return CliRunner().invoke(app, ["init", *arguments])


@pytest.fixture
def folders(tmp_path):
    """The arguments that name an empty folder each."""
    (tmp_path / "certs").mkdir()
    (tmp_path / "certificate").mkdir()
    return (
        *("--given", str(tmp_path / "certs")),
        *("--into", str(tmp_path / "certificate")),
    )


def test_certificate_is_one_process(folders, tmp_path):
    """With the clock of the machine; names may stand in one argument or several."""
    names = ("--name", "a.example,10.0.0.1", "--name", "b.example", "--name", "")
    done = subprocess.run(
        [sys.executable, "-m", "sentinel_netlab", "init", "certificate",
         *folders, *names],
        capture_output=True, text=True, check=False, env={},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "localhost, a.example, b.example, 127.0.0.1, ::1, 10.0.0.1;" in done.stderr
    assert (tmp_path / "certificate/tls.key").exists()


def test_a_name_that_is_none_ends_it(folders):
    """Status 2, nothing made."""
    done = init("certificate", *folders, "--name", "https://a.example")

    assert done.exit_code == 2
    assert done.stderr.startswith("sentinel: --name: 'https://a.example' is neither")


def test_what_was_given_decides_the_status(folders, tmp_path):
    """78, as all settings that cannot be."""
    (tmp_path / "certs/tls.crt").write_text("")

    assert init("certificate", *folders).exit_code == 78
