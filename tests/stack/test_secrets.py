"""
Secrets stay where they are, whatever goes wrong.
"""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest
from tests.support.containers import process_of
from tests.support.edge import exchange, request_bytes, send_many
from tests.support.stack import Stack, until
from tests.support.traffic import enrol

SERVED = ("postgres", "controller", "worker", "nginx")
INIT = (
    'docker run --rm --user "$(id -u)" --workdir / -v "$PWD/ops:/ops"'
    " localhost/sentinel-netlab:0.1.0 sentinel init prod --secrets files"
)
BACK_S = 120.0


@pytest.fixture
def in_files(fresh: Stack) -> Stack:
    """A stack whose secrets are files, serving."""
    fresh.typed("cp ops/.env.prod.example ops/.env")
    fresh.fill_in_secrets()
    fresh.compose("build controller")
    fresh.env_file.unlink()
    fresh.typed(INIT)
    fresh.typed("chgrp -R 10001 ops/secrets")
    fresh.up()
    return fresh


def test_failed_logins_are_logged_without_secrets(stack: Stack) -> None:
    """Tokens in headers, in queries and in bodies; good ones, wrong ones, half ones."""
    token = stack.token()
    wrong = token[:-8] + "00000000"
    enrol(stack, "secret")
    assert send_many(stack, "secret", 1)[0].status == 202
    for scheme, port in (("https", 443), ("http", 80)):
        for one in (token, wrong, stack.setting("CONTROLLER_SECRET_KEY")):
            headers = {"Authorization": f"Bearer {one}"}
            path = f"/api/v1/alerts?token={one}"
            stack.request("GET", path, scheme=scheme, headers=headers)
            stack.request(
                "POST", "/api/v1/sensors/join", scheme=scheme, json={"code": one}
            )
            broken = request_bytes(path, [["Authorization", f"Basic {one}"]])
            stack.place.call(exchange, "127.0.0.1", port, broken + b"\0")
    logs = _until_logged(stack, "/api/v1/sensors/join")

    assert '"status":401' in logs
    _assert_clean(stack, logs, token, wrong)


def test_outages_are_logged_without_secrets(stack: Stack) -> None:
    """The database refuses the app, the database is away, nobody is behind nginx."""
    token = stack.token()
    stack.sql("ALTER ROLE sentinel_app PASSWORD 'another-one-than-it-was'")
    stack.compose("restart controller")
    logs = _until_logged(stack, "password authentication failed")
    stack.compose("stop -t 0 controller postgres")
    stack.request("GET", f"/api/v1/alerts?token={token}")
    logs += stack.logs()
    stack.up()

    assert "db_unreachable" in logs
    _assert_clean(stack, logs, token, "another-one-than-it-was")


def test_crashes_are_logged_without_secrets(stack: Stack) -> None:
    """Processes that are broken off by a signal, and start again."""
    for service in ("controller", "worker"):
        for number in (signal.SIGABRT, signal.SIGSEGV):
            [one] = stack.containers(service)
            began = stack.inspect(one)["State"]["StartedAt"]
            os.kill(process_of(stack, one), number)
            until(
                lambda one=one, began=began: (
                    stack.inspect(one)["State"]["StartedAt"] != began
                ),
                BACK_S,
                "back",
            )
            stack.until_ready()

    _assert_clean(stack, stack.logs())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTED_PROXY_CIDRS", "{CONTROLLER_SECRET_KEY}"),
        ("DATABASE_URL", "postgresql://sentinel_app:{password}@postgres:port/sentinel"),
        ("DATABASE_URL", "{password}"),
        ("MIGRATION_DATABASE_URL", "postgresql://sentinel_owner:{password}@:/"),
        ("SENTINEL_WEBHOOK_URL", "{CONTROLLER_HMAC_SECRET}"),
        ("DRAIN_DELAY", "{CONTROLLER_HMAC_SECRET}"),
        ("CONTROLLER_HMAC_SECRET_PREVIOUS_FILE", "{CONTROLLER_HMAC_SECRET}"),
    ],
)
def test_bad_settings_are_named_and_not_shown(
    stack: Stack, name: str, value: str
) -> None:
    """A secret that was pasted into the wrong line, or with a slip in it."""
    secrets = {one: stack.setting(one) for one in _SECRETS}
    password = stack.secrets()[-2]
    before = stack.env_file.read_text()
    stack.set(name, value.format(password=password, **secrets))
    try:
        done = stack.compose("up -d", status=None)
        logs = stack.logs() + done.output
    finally:
        stack.env_file.write_text(before)

    assert done.status != 0
    assert name in logs
    _assert_clean(stack, logs)


def test_secrets_in_files_are_nowhere_else(in_files: Stack) -> None:
    """Not in `docker inspect`, the environment of processes, settings, or logs."""
    files = filter(Path.is_file, (in_files.folder / "ops/secrets").rglob("*"))
    texts = [one.read_text().strip() for one in files]
    kept = [one for one in texts if one]
    kept += re.findall(r"://\w+:([^@]+)@", "\n".join(kept))
    assert len(kept) == 5 + 2
    ids = in_files.containers("", every=True)
    assert len(ids) == len(SERVED) + 3
    places = {
        "inspect": in_files.engine.docker("inspect", *ids),
        "settings": in_files.env_file.read_text(),
        "model": in_files.compose("config").stdout,
        "logs": in_files.logs(),
    }
    for service in SERVED:
        [one] = in_files.containers(service)
        places[f"{service} 1"] = _environ(process_of(in_files, one, "init"))
        if service != "postgres":
            places[service] = _environ(process_of(in_files, one))

    assert "/run/secrets/app/" in places["controller"]
    for name, text in places.items():
        assert not [one for one in kept if one in text], name


_SECRETS = ("CONTROLLER_SECRET_KEY", "CONTROLLER_HMAC_SECRET", "POSTGRES_PASSWORD")


def _environ(process: int) -> str:
    return Path(f"/proc/{process}/environ").read_text()


def _until_logged(stack: Stack, text: str) -> str:
    until(lambda: text in stack.logs(), BACK_S, f"logged: {text}")
    return stack.logs()


def _assert_clean(stack: Stack, logs: str, *others: str) -> None:
    assert len(logs) > 1_000
    for number, secret in enumerate([*stack.secrets(), *others]):
        assert secret not in logs, number
