"""The units of systemd: commands that exist, order, secrets, and what they may not."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr
from tests.meta.test_sizes import ROOT
from typer.main import get_command

from sentinel_netlab.cli.app import app
from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.settings import EX_CONFIG
from sentinel_netlab.store.settings import DatabaseSettings
from sentinel_netlab.worker.settings import WorkerSettings

FOLDER = ROOT / "ops/systemd"
UNITS = sorted(FOLDER.glob("*.service"))
PROGRAM = "/opt/sentinel/bin/sentinel"
MIGRATION = "sentinel-migrate.service"
SETTINGS = {
    "sentinel-migrate": DatabaseSettings,
    "sentinel-controller": ControllerSettings,
    "sentinel-worker": WorkerSettings,
}
SERVERS = [path for path in UNITS if path.stem in SETTINGS]
SERVING = [path for path in SERVERS if path.name != MIGRATION]
OWN = {"MIGRATION_DATABASE_URL": {"sentinel-migrate"}}
"""Secrets that only one of them has."""
ALL_FORBID = {
    "NoNewPrivileges=yes",
    "LockPersonality=yes",
    "PrivateDevices=yes",
    "PrivateTmp=yes",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHome=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "ProtectProc=invisible",
    "ProtectSystem=strict",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "SystemCallArchitectures=native",
    "UMask=0077",
}
SERVERS_FORBID = {
    "CapabilityBoundingSet=",
    "MemoryDenyWriteExecute=yes",
    "PrivateUsers=yes",
    "RemoveIPC=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
    "SystemCallErrorNumber=EPERM",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged @resources",
}


def lines(path: Path) -> list[str]:
    """The directives of a unit."""
    return [
        line
        for line in path.read_text().splitlines()
        if line and not line.startswith(("#", "["))
    ]


def values(path: Path) -> dict[str, list[str]]:
    """The directives of a unit, each with all that it is set to."""
    found = defaultdict(list)
    for line in lines(path):
        name, _, value = line.partition("=")
        found[name].append(value)
    return found


def named(path: Path) -> str:
    """The name of a unit, for the names of tests."""
    return path.stem


@pytest.mark.parametrize("path", UNITS, ids=named)
def test_command_exists(path):
    """The command line has what is started, with its options."""
    [started] = values(path)["ExecStart"]
    program, *words = started.split()
    command = get_command(app)
    while words and not words[0].startswith("-"):
        command = command.get_command(typer.Context(command), words.pop(0))
    options = {one for parameter in command.params for one in parameter.opts}

    assert program == PROGRAM
    assert command.callback is not None
    assert {word for word in words if word.startswith("-")} <= options


@pytest.mark.parametrize("path", UNITS, ids=named)
def test_unit_is_hardened(path):
    """Not root, no other privileges than it needs, and a limit of memory."""
    found = values(path)

    assert ALL_FORBID - set(lines(path)) == set()
    assert found["User"][0].startswith("sentinel")
    assert found["MemoryMax"]


@pytest.mark.parametrize("path", SERVERS, ids=named)
def test_server_has_no_capability(path):
    """What has no radio needs none, and few system calls."""
    assert SERVERS_FORBID - set(lines(path)) == set()
    assert "AmbientCapabilities" not in values(path)
    assert values(path)["TasksMax"]


@pytest.mark.parametrize("path", SERVERS, ids=named)
def test_server_ends_in_time_and_is_begun_again(path):
    """But for unusable settings, which no new start mends."""
    found = values(path)

    assert found["TimeoutStopSec"] == ["30"]
    assert found["Restart"] == ["on-failure"]
    assert str(EX_CONFIG) in found["RestartPreventExitStatus"][0].split()


@pytest.mark.parametrize("path", SERVING, ids=named)
def test_nothing_serves_before_the_migration(path):
    """Neither without it nor beside it; and when it comes late, then."""
    found = values(path)

    assert MIGRATION in found["Requires"]
    assert MIGRATION in " ".join(found["After"]).split()
    assert MIGRATION in found["WantedBy"][0].split()


def test_migration_is_done_once():
    """It counts as started when it has ended well, and stays so."""
    found = values(FOLDER / MIGRATION)

    assert found["Type"] == ["oneshot"]
    assert found["RemainAfterExit"] == ["yes"]
    assert found["TimeoutStartSec"] == ["infinity"]


@pytest.mark.parametrize("path", SERVERS, ids=named)
def test_secrets_are_credentials(path):
    """Each has the secrets that it must have, as files that only it can read."""
    found = values(path)
    fields = SETTINGS[path.stem].model_fields
    secrets = {
        field.validation_alias
        for field in fields.values()
        if field.is_required() and SecretStr in (field.annotation, *field.metadata)
    } | {one for one, units in OWN.items() if path.stem in units}
    loaded = dict(one.split(":") for one in found["LoadCredential"])
    set_ = dict(one.split("=") for one in found["Environment"])

    assert "DATABASE_URL" in secrets
    assert set(loaded) == secrets
    assert set_ == {f"{one}_FILE": f"%d/{one}" for one in secrets}
    assert loaded == {one: f"/etc/sentinel/secrets/{one}" for one in secrets}


def test_header_names_every_secret():
    """The installation makes a file for each."""
    header = (FOLDER / MIGRATION).read_text().partition("[Unit]")[0]
    needed = {
        one.split(":")[0] for path in SERVERS for one in values(path)["LoadCredential"]
    }

    assert len(needed) == 4
    assert set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", header)) >= needed


@pytest.mark.optional
@pytest.mark.parametrize("path", UNITS, ids=named)
def test_systemd_understands_the_unit(path, tmp_path):
    """No directive is misspelt."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze")
    program = str(Path(sys.executable).with_name("sentinel"))
    for one in UNITS:
        copied = one.read_text().replace(PROGRAM, program)
        (tmp_path / one.name).write_text(copied)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / path.name],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stdout + done.stderr == ""
    assert done.returncode == 0
