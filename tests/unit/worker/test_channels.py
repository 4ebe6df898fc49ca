"""The channels that the settings name."""

from __future__ import annotations

import asyncio
import ssl
import subprocess

import pytest
import structlog
from tests.support.batches import NOW
from tests.support.environments import HMAC_SECRET, environment

from sentinel_netlab.settings import load
from sentinel_netlab.worker.channels import make_channels
from sentinel_netlab.worker.settings import WorkerSettings

DATABASE = {"DATABASE_URL": environment()["DATABASE_URL"]}
HOOK = {
    "SENTINEL_WEBHOOK_URL": "https://hooks.example/T0KEN",
    "SENTINEL_WEBHOOK_SECRET": HMAC_SECRET,
}


def names(**environ: str) -> list[str]:
    """Names of the channels that *environ* makes."""
    settings = load(WorkerSettings, {**DATABASE, **environ})
    channels = make_channels(settings, structlog.get_logger(), lambda: NOW)

    async def close():
        for channel in channels:
            await channel.close()

    asyncio.run(close())
    return [channel.name for channel in channels]


@pytest.fixture
def ca_file(tmp_path):
    """A certificate."""
    path = tmp_path / "ca.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=syslog",
         "-keyout", str(tmp_path / "key.pem"), "-out", str(path)],
        check=True, capture_output=True,
    )  # fmt: skip
    return path


def test_the_log_is_always_one():
    """Without any setting."""
    assert names() == ["log"]


def test_each_setting_adds_its_channel(tmp_path, ca_file):
    """All of them at once."""
    found = names(
        **HOOK,
        SENTINEL_SYSLOG_HOST="siem.example",
        SENTINEL_SYSLOG_CA_FILE=str(ca_file),
        SENTINEL_JSONL_PATH=str(tmp_path / "alerts.jsonl"),
    )

    assert found == ["log", "webhook", "syslog", "jsonl"]


def test_bad_certificates_are_an_error(tmp_path):
    """At the start, not with the first alert."""
    path = tmp_path / "ca.pem"
    path.write_text("none")

    with pytest.raises(ssl.SSLError):
        names(SENTINEL_SYSLOG_HOST="siem.example", SENTINEL_SYSLOG_CA_FILE=str(path))
