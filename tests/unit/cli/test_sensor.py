"""`sentinel sensor`: arguments, settings and refusals; tests/e2e runs the agent."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.sensor.test_spool import MOST, keep
from tests.unit.sensor.test_status import STATUS
from typer.testing import CliRunner

from sentinel_netlab.cli.app import app
from sentinel_netlab.cli.sensor_interfaces import lines_of
from sentinel_netlab.cli.sensor_run import FileSettings, read_settings
from sentinel_netlab.sensor import credentials, status
from sentinel_netlab.sensor.radio import Channel, Interface, Radio
from sentinel_netlab.sensor.spool import Spool


def sentinel(*arguments: str, stdin: str = ""):
    """Run `sentinel sensor` with *arguments*."""
    return CliRunner().invoke(app, ["sensor", *arguments], input=stdin)


@pytest.fixture
def folder(tmp_path):
    """A state folder of a sensor that has joined."""
    known = credentials.Credentials(
        controller="http://127.0.0.1:9", sensor_id="roof", key_version=1, key=b"k" * 32
    )
    credentials.save(tmp_path, known)
    return str(tmp_path)


@pytest.fixture
def spool(folder):
    """A spool in which batch `bad` stands aside."""
    made = Spool(Path(folder) / "spool.db", most_bytes=MOST)
    keep(made, "alerts", "bad")
    keep(made, "alerts", "good")
    made.put_aside("bad", "422 invalid")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name an --interface or a --replay"),
        (["--replay", "x", "--interface", "wlan0"], "and not both"),
        (["--replay", "x", "--speed", "fast"], "a speed is"),
        (["--replay", "/nonexistent.pcap"], "/nonexistent.pcap: No such file"),
        (["--replay", "x", "--config", "/nonexistent.toml"], "/nonexistent.toml"),
    ],
    ids=str,
)
def test_unusable_arguments_end_it(folder, arguments, told, capfd):
    """One line that says why; nothing is listened to."""
    done = sentinel("run", *arguments, "--state-dir", folder)

    assert done.exit_code in {1, 2}
    assert told in done.stderr + capfd.readouterr().err


def test_sensor_that_has_not_joined(tmp_path, capfd):
    """It is told how to."""
    done = sentinel("run", "--replay", "x", "--state-dir", str(tmp_path))

    assert done.exit_code == 2
    assert "sensor join" in done.stderr + capfd.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("interface = 'wlan0'", "unknown field"),
        ("dwell_ms = 'long'", "dwell_ms"),
        ("interfaces = [", "sensor.toml"),
    ],
)
def test_wrong_settings_are_refused(tmp_path, text, told):
    """With the file and what is wrong in it."""
    path = tmp_path / "sensor.toml"
    path.write_text(text)

    with pytest.raises(ValueError, match=told):
        read_settings(path)


def test_settings_are_read(tmp_path):
    """What the file does not say is as it is by default."""
    path = tmp_path / "sensor.toml"
    path.write_text(
        'interfaces = ["wlan0"]\n[thresholds]\n"deauth_flood.window_s" = 2\n'
    )

    settings = read_settings(path)

    assert settings.interfaces == ["wlan0"]
    assert settings.thresholds == {"deauth_flood.window_s": 2}
    assert (settings.dwell_ms, settings.payloads) == (250, False)
    assert read_settings(None) == FileSettings()


@pytest.mark.parametrize(
    ("url", "status_code", "told"),
    [
        ("http://wids.example", 2, "use https"),
        ("ftp://wids.example", 2, "begins with https"),
        ("http://127.0.0.1:9", 1, "did not answer"),
    ],
)
def test_join_that_fails_keeps_nothing(tmp_path, url, status_code, told):
    """No key, and a line that says why."""
    done = sentinel("join", url, "-", "--state-dir", str(tmp_path), stdin="code\n")

    assert done.exit_code == status_code
    assert told in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_certificates_that_are_not_there(tmp_path):
    """The file is named."""
    done = sentinel(
        "join", "https://127.0.0.1:9", "c", "--ca", "/nonexistent.pem",
        "--state-dir", str(tmp_path),
    )  # fmt: skip

    assert done.exit_code == 2
    assert "/nonexistent.pem" in done.stderr


@pytest.mark.parametrize(
    ("at_us", "code", "word"), [(0, 1, "not running"), (None, 0, "")]
)
def test_status_is_shown(folder, tmp_path, monkeypatch, at_us, code, word):
    """Status 0 only while the agent runs."""
    status.write(tmp_path, STATUS)
    now_us = STATUS.at_us if at_us is None else 10 * STATUS.at_us
    monkeypatch.setattr("sentinel_netlab.cli.sensor_spool.clock_us", lambda: now_us)

    done = sentinel("status", "--state-dir", folder)

    assert done.exit_code == code
    assert f"agent      {word or 'running'}" in done.stdout
    assert "stopped 403 sensor_disabled" in done.stdout


def test_status_of_nobody(tmp_path):
    """No agent ever ran there."""
    done = sentinel("status", "--state-dir", str(tmp_path))

    assert done.exit_code == 1
    assert "no agent ran" in done.stderr


def test_refused_batches_are_listed(folder, spool):
    """With the controller's reason."""
    done = sentinel("spool", "list", "--state-dir", folder)

    assert done.exit_code == 0
    assert "bad" in done.stdout
    assert "422 invalid" in done.stdout
    assert "good" not in done.stdout


@pytest.mark.parametrize(("command", "waiting"), [("retry", 2), ("purge", 1)])
def test_refused_batches_are_retried_or_forgotten(folder, spool, command, waiting):
    """What waits is left alone."""
    done = sentinel("spool", command, "--state-dir", folder)

    assert done.exit_code == 0
    assert (spool.fill().waiting, spool.fill().aside) == (waiting, 0)


def test_unknown_batch_is_told(folder, spool):
    """Status 1, and nothing changes."""
    done = sentinel("spool", "purge", "other", "--state-dir", folder)

    assert done.exit_code == 1
    assert spool.fill().aside == 1


def test_no_spool(tmp_path):
    """A folder without one is no error of ours."""
    done = sentinel("spool", "list", "--state-dir", str(tmp_path))

    assert done.exit_code == 2
    assert "no spool" in done.stderr


def test_radio_is_described():
    """Interfaces, bands, and whether it can listen."""
    channels = {
        mhz: Channel(mhz, allowed=mhz != 2472, radar=False)
        for mhz in (2412, 2437, 2472, 5180)
    }
    interfaces = [Interface("wlan0", 3, 2, 2437), Interface("mon0", 4, 6)]

    assert lines_of(Radio(0, "phy0", True, channels, interfaces)) == [
        "phy0: offers monitor interfaces",
        "  wlan0: managed, 2437 MHz",
        "  mon0: monitor",
        "  2.4 GHz: 2 channels, 2412 to 2437 MHz",
        "  5 GHz: 1 channels, 5180 to 5180 MHz",
    ]
