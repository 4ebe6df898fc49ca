"""A sensor has no database library, and `sentinel analyze` needs no network library."""

from __future__ import annotations

import subprocess
import sys

import pytest

# typer brings pydantic itself
SERVER = (
    "aiosqlite",
    "alembic",
    "argon2",
    "granian",
    "litestar",
    "psycopg",
    "pydantic_settings",
    "sqlalchemy",
)
SENSOR = ("httpx", "psutil", "pyroute2", "stamina", "http_message_signatures")
WITHOUT = """
import sys
for name in sys.argv[1].split(","):
    sys.modules[name] = None
sys.argv = ["sentinel", *sys.argv[2:]]
from sentinel_netlab.cli import main
main()
"""


def sentinel(*arguments: str, without: tuple[str, ...]):
    """Run the command line where these packages are missing."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, ",".join(without), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["controller", "--lab"],
        ["worker", "--lab"],
        ["migrate"],
        ["db", "status"],
        ["sensors", "list"],
        ["token", "list"],
        ["user", "list"],
        ["queue", "list"],
        ["audit", "verify"],
        ["config", "check"],
    ],
    ids=" ".join,
)
def test_server_command_names_what_is_missing(arguments):
    """One line with the extra, status 2."""
    done = sentinel(*arguments, without=SERVER)

    assert done.returncode == 2, done.stderr
    assert "sentinel-netlab[controller]" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["sensor", "status", "--state-dir", "/nonexistent"],
        ["sensor", "spool", "list", "--state-dir", "/nonexistent"],
        ["sensor", "run", "--replay", "x.pcap", "--state-dir", "/nonexistent"],
        ["sensor", "interfaces"],
        ["detectors", "WD101"],
    ],
    ids=lambda one: " ".join(one[:2]),
)
def test_sensor_command_needs_no_server_package(arguments):
    """What ends here ends for a reason of its own."""
    done = sentinel(*arguments, without=SERVER)

    assert "is not installed" not in done.stderr
    assert done.returncode in {0, 1, 2}


def test_analysis_needs_no_sensor_package():
    """A plain install analyses captures."""
    done = sentinel("analyze", "/nonexistent.pcap", without=(*SERVER, *SENSOR))

    assert "nonexistent.pcap" in done.stderr
    assert "is not installed" not in done.stderr


def test_sensor_command_names_what_is_missing():
    """In a plain install."""
    done = sentinel("sensor", "run", "--replay", "x", without=(*SERVER, *SENSOR))

    assert done.returncode == 2
    assert "sentinel-netlab[sensor]" in done.stderr
