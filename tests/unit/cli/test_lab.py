"""Where a process of the server gets its environment from."""

from __future__ import annotations

import os

import pytest
import typer

from sentinel_netlab.cli.lab import bring_to_head, environment_of
from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.settings import EX_CONFIG, load


def test_production_is_the_default():
    """The environment as it is."""
    assert environment_of(lab=False, folder=None) == (os.environ, "prod")


def test_a_folder_is_for_the_lab(tmp_path, capsys):
    """Who names one meant something else."""
    with pytest.raises(typer.Exit) as caught:
        environment_of(lab=False, folder=tmp_path)

    assert caught.value.exit_code == 2
    assert "--lab" in capsys.readouterr().err


def test_the_lab_says_so(tmp_path, capsys):
    """In one line; its settings are complete."""
    environ, profile = environment_of(lab=True, folder=tmp_path)

    assert profile == "lab"
    assert load(ControllerSettings, environ, profile=profile).require_tls is False
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("lab profile")


def test_the_lab_trusts_no_proxy(tmp_path, capsys, monkeypatch):
    """78, as for all settings that cannot be."""
    monkeypatch.setenv("TRUSTED_PROXY_CIDRS", "192.0.2.2")
    with pytest.raises(typer.Exit) as caught:
        environment_of(lab=True, folder=tmp_path)

    assert caught.value.exit_code == EX_CONFIG
    assert "trusts no proxy" in capsys.readouterr().err


def test_a_folder_that_cannot_be_is_no_lab(tmp_path, capsys):
    """78, and the name of the folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(typer.Exit) as caught:
        environment_of(lab=True, folder=tmp_path / "file" / "x")

    assert caught.value.exit_code == EX_CONFIG
    assert str(tmp_path) in capsys.readouterr().err


def test_what_prevents_a_migration_is_said(tmp_path, capsys):
    """The process goes on, and is not ready."""
    environ, profile = environment_of(lab=True, folder=tmp_path)
    settings = load(ControllerSettings, environ, profile=profile)
    (tmp_path / "sentinel.db").write_bytes(b"no database" * 100)
    capsys.readouterr()

    bring_to_head(settings)

    assert capsys.readouterr().err.startswith("sentinel: ")
