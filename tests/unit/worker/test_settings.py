"""What the worker starts with."""

from __future__ import annotations

import pytest
from tests.support.environments import HMAC_SECRET, environment

from sentinel_netlab.settings import SettingsError, load
from sentinel_netlab.worker.settings import WorkerSettings

DATABASE = {"DATABASE_URL": environment()["DATABASE_URL"]}
HOOK = "https://hooks.example/T0KEN"


def problems(**environ: str) -> list[str]:
    try:
        load(WorkerSettings, {**DATABASE, **environ})
    except SettingsError as error:
        return error.problems
    return []


def test_a_database_will_do():
    """The rest are defaults; no secret of the controller is needed."""
    loaded = load(WorkerSettings, DATABASE)

    assert loaded.retention_telemetry_days == 30
    assert loaded.retention_alerts_days == 365
    assert loaded.retention_idempotency_days == 90
    assert loaded.lease_s == 60
    assert loaded.webhook_url is None
    assert loaded.syslog_host is None
    assert loaded.jsonl_path is None


def test_the_environment_of_the_controller_will_do_too():
    """One env file may serve both."""
    assert load(WorkerSettings, environment()).profile == "prod"


@pytest.mark.parametrize("kind", ["TELEMETRY", "ALERTS", "IDEMPOTENCY"])
@pytest.mark.parametrize("days", ["0", "-1", "1.5", "forever", "36501"])
def test_days_are_days(kind, days):
    """Whole ones, and at least one."""
    [problem] = problems(**{f"RETENTION_{kind}_DAYS": days})

    assert problem.startswith(f"RETENTION_{kind}_DAYS: ")
    assert problems(**{f"RETENTION_{kind}_DAYS": "1"}) == []


def test_sqlite_in_production_is_a_decision():
    """As for the controller."""
    [problem] = problems(DATABASE_URL="sqlite:///x.db")

    assert problem.startswith("DATABASE_URL: is SQLite")
    assert problems(DATABASE_URL="sqlite:///x.db", SENTINEL_ALLOW_SQLITE="1") == []


@pytest.mark.parametrize(
    "url",
    [HOOK, "https://[2001:db8::1]:8443/", "http://127.0.0.1:9/x", "http://localhost/"],
)
def test_webhooks_are_encrypted_or_stay_here(url):
    """Https to anybody, http to this machine."""
    assert problems(SENTINEL_WEBHOOK_URL=url, SENTINEL_WEBHOOK_SECRET=HMAC_SECRET) == []


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example/", "hooks.example", "https://", "ftp://x/", "https://[x"],
)
def test_other_webhooks_are_refused(url):
    """What would carry alerts in the clear, or nowhere."""
    [problem] = problems(SENTINEL_WEBHOOK_URL=url, SENTINEL_WEBHOOK_SECRET=HMAC_SECRET)

    assert problem.startswith("SENTINEL_WEBHOOK_URL: ")


def test_webhooks_are_signed():
    """One without the other is half a channel."""
    [unsigned] = problems(SENTINEL_WEBHOOK_URL=HOOK)
    [nowhere] = problems(SENTINEL_WEBHOOK_SECRET=HMAC_SECRET)

    assert unsigned.startswith("SENTINEL_WEBHOOK_SECRET: is missing")
    assert nowhere.startswith("SENTINEL_WEBHOOK_URL: is missing")


def test_files_are_looked_for(tmp_path):
    """The folder of what is written, and the file of what is read."""
    ca = tmp_path / "ca.pem"
    names = {
        "SENTINEL_JSONL_PATH": str(tmp_path / "no" / "alerts.jsonl"),
        "SENTINEL_SYSLOG_CA_FILE": str(ca),
    }

    assert [problem.split(":")[0] for problem in problems(**names)] == [
        *("SENTINEL_SYSLOG_CA_FILE", "SENTINEL_JSONL_PATH")
    ]
    ca.write_text("pem")
    names["SENTINEL_JSONL_PATH"] = str(tmp_path / "alerts.jsonl")
    assert problems(**names) == []
