"""The lab profile."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.environments import environment

from sentinel_netlab.controller.settings import ControllerSettings
from sentinel_netlab.settings import SettingsError, load
from sentinel_netlab.settings.lab import (
    SECRETS,
    banner,
    default_folder,
    lab_environment,
)
from sentinel_netlab.worker.settings import WorkerSettings


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_empty_environment_will_do(tmp_path):
    """Controller and worker start with what the lab makes."""
    made = lab_environment({}, tmp_path / "lab")

    controller = load(ControllerSettings, made, profile="lab")
    worker = load(WorkerSettings, made, profile="lab")

    assert controller.profile == worker.profile == "lab"
    assert not controller.require_tls
    assert not controller.trusted_proxies
    assert controller.host == "127.0.0.1"
    assert controller.database_url == worker.database_url


def test_what_the_lab_makes_does_not_start_in_production(tmp_path):
    """SQLite is a decision there."""
    with pytest.raises(SettingsError, match="SENTINEL_ALLOW_SQLITE"):
        load(ControllerSettings, lab_environment({}, tmp_path))


def test_secrets_are_made_once_and_for_the_owner(tmp_path):
    """Mode 0600 in a folder of mode 0700; the next start reads them."""
    folder = tmp_path / "new" / "lab"

    first = lab_environment({}, folder)

    assert lab_environment({}, folder) == first
    assert mode_of(folder) == 0o700
    assert {mode_of(folder / name.lower()) for name in SECRETS} == {0o600}
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        name.lower() for name in SECRETS
    )
    assert len({first[name] for name in SECRETS}) == len(SECRETS)


def test_processes_that_start_together_agree(tmp_path):
    """One of them makes the secrets."""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: lab_environment({}, tmp_path), range(16)))

    assert all(one == made[0] for one in made)


def test_secrets_of_production_are_left_out(tmp_path):
    """Whatever the environment says of database and secrets."""
    production = environment(
        TRUSTED_PROXY_CIDRS=None, CONTROLLER_HMAC_SECRET=None, SENTINEL_PORT="8001"
    )
    production |= {"CONTROLLER_HMAC_SECRET_FILE": "/run/secrets/hmac"}

    made = lab_environment(production, tmp_path)

    assert made["DATABASE_URL"] == f"sqlite:///{tmp_path}/sentinel.db"
    assert made["CONTROLLER_SECRET_KEY"] != production["CONTROLLER_SECRET_KEY"]
    assert "CONTROLLER_HMAC_SECRET_FILE" not in made
    assert made["SENTINEL_PORT"] == "8001"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTED_PROXY_CIDRS", "10.0.0.2"),
        ("SENTINEL_HOST", "0.0.0.0"),  # noqa: S104  # refused
        ("SENTINEL_HOST", "::"),
        ("SENTINEL_HOST", "lab.example"),
        ("SENTINEL_METRICS_HOST", "192.0.2.1"),
        ("SENTINEL_WORKER_METRICS_HOST", "192.0.2.1"),
    ],
)
def test_the_lab_stays_on_this_machine(tmp_path, name, value):
    """No proxy, no listener but on loopback; and nothing is made."""
    with pytest.raises(SettingsError) as caught:
        lab_environment({name: value}, tmp_path / "lab")

    [problem] = caught.value.problems
    assert problem.startswith(f"{name}: the lab profile ")
    assert value not in problem
    assert not (tmp_path / "lab").exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.1.2.3", ""])
def test_loopback_is_fine(tmp_path, host):
    """In every spelling."""
    assert lab_environment({"SENTINEL_HOST": host}, tmp_path)


def test_default_folder():
    """Where data of users belongs."""
    assert default_folder({"XDG_DATA_HOME": "/data"}) == Path(
        "/data/sentinel-netlab/lab"
    )
    assert default_folder({}) == Path.home() / ".local/share/sentinel-netlab/lab"
    assert default_folder({"XDG_DATA_HOME": "relative"}) == default_folder({})


def test_banner_is_one_line():
    """It says what is different from production."""
    line = banner(Path("/data/lab"))

    assert "\n" not in line
    assert "lab profile" in line
    assert "/data/lab" in line
