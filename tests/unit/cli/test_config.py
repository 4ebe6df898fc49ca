"""`sentinel config` as a user runs it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.support.environments import COMPLETE, SECRET_KEY, environment


def config(command: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command with an environment of its own."""
    return subprocess.run(
        [sys.executable, "-m", "sentinel_netlab", "config", command],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", **environ},
    )


def test_check_passes_what_will_start():
    """Nothing on stderr."""
    done = config("check", COMPLETE)

    assert (done.returncode, done.stderr) == (0, "")


def test_check_tells_every_problem_in_a_line():
    """Of controller, worker and database, each once; exit status 78."""
    environ = environment(
        DATABASE_URL="postgresql://u:hunter2@db/x",
        CONTROLLER_HMAC_SECRET=SECRET_KEY,
        RETENTION_ALERTS_DAYS="0",
        SENTINEL_FOO="bar-bar-bar",
    )

    done = config("check", environ)

    assert done.returncode == 78
    assert done.stdout == ""
    assert [line.split(":")[1].strip() for line in done.stderr.splitlines()] == [
        *("DATABASE_URL", "CONTROLLER_HMAC_SECRET", "SENTINEL_FOO"),
        "RETENTION_ALERTS_DAYS",
    ]
    for value in ("hunter2", SECRET_KEY, "bar-bar-bar", "192.0.2.2"):
        assert value not in done.stderr


def test_check_tells_of_the_whole_env_file_at_once():
    """Of every process and of the stack, as the migration container runs it."""
    environ = environment(
        SENTINEL_VERSION="0.1.0",
        POSTGRES_PASSWORD="change-me-5-openssl-rand-hex-24",  # noqa: S106
        SENTINEL_FRONT_SUBNET="secret-place",
        SENTINEL_LEASE_S="1",
        CONTROLLER_SECRET_KEY=None,
        SENTINEL_VERSOIN="0.1.0",
    )

    done = config("check", environ)

    assert done.returncode == 78
    assert sorted(line.split(":")[1].strip() for line in done.stderr.splitlines()) == [
        "CONTROLLER_SECRET_KEY",
        "POSTGRES_PASSWORD",
        "SENTINEL_FRONT_SUBNET",
        "SENTINEL_LEASE_S",
        "SENTINEL_VERSOIN",
        "TRUSTED_PROXY_CIDRS",
    ]
    assert "secret-place" not in done.stderr


def test_show_tells_that_a_file_is_of_another_process():
    """Not that it is refused."""
    done = config("show", environment(POSTGRES_PASSWORD_FILE="/nowhere"))  # noqa: S106

    [line] = [x for x in done.stdout.splitlines() if x.startswith("POSTGRES_PASSWORD")]
    assert "(not read here)" in line
    assert line.endswith("file of POSTGRES_PASSWORD_FILE")


def test_check_warns_of_a_wide_mode(tmp_path):
    """And passes."""
    path = tmp_path / "key"
    path.write_text(SECRET_KEY)
    path.chmod(0o644)
    environ = environment(CONTROLLER_SECRET_KEY=None)

    done = config("check", {**environ, "CONTROLLER_SECRET_KEY_FILE": str(path)})

    assert done.returncode == 0
    assert done.stderr == (
        "sentinel: warning: CONTROLLER_SECRET_KEY_FILE: the file has mode 0644, "
        "wider than 0440\n"
    )


@pytest.fixture(scope="module")
def shown() -> dict[str, list[str]]:
    """What `show` says of each name."""
    environ = environment(CONTROLLER_HMAC_SECRET=SECRET_KEY[:5], SENTINEL_PORT="8001")
    done = config("show", environ)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split("  ", 1) for line in done.stdout.splitlines()]
    return {name: rest.strip().rsplit("  ", 1) for name, rest in lines}


@pytest.mark.parametrize(
    ("name", "value", "source"),
    [
        ("CONTROLLER_SECRET_KEY", "set (36 characters)", "environment"),
        ("CONTROLLER_HMAC_SECRET", "(refused)", "environment"),
        ("CONTROLLER_HMAC_SECRET_PREVIOUS", "(not set)", "default"),
        ("TRUSTED_PROXY_CIDRS", "192.0.2.2/32", "environment"),
        ("SENTINEL_PORT", "8001", "environment"),
        ("REQUIRE_TLS", "true", "default"),
        ("DRAIN_DELAY", "5", "default"),
        ("RETENTION_ALERTS_DAYS", "365", "default"),
    ],
)
def test_show_tells_value_and_source(shown, name, value, source):
    """Of secrets the length alone."""
    assert [part.strip() for part in shown[name]] == [value, source]


def test_show_tells_of_a_missing_one_and_of_files(tmp_path):
    """A file is named by its variable."""
    path = tmp_path / "key"
    path.write_text(SECRET_KEY)

    done = config("show", {"CONTROLLER_SECRET_KEY_FILE": str(path)})

    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert "(missing)" in lines["DATABASE_URL"]
    assert "set (36 characters)" in lines["CONTROLLER_SECRET_KEY"]
    assert lines["CONTROLLER_SECRET_KEY"].endswith(
        "  file of CONTROLLER_SECRET_KEY_FILE"
    )
    assert SECRET_KEY not in done.stdout
