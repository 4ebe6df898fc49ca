"""
The image of the sensor: what is in it, what is not, and what it may do.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from textwrap import indent

import pytest
from tests.support.engine import ROOT, Engine
from tests.support.stack import until

TAG = "localhost/sentinel-netlab-sensor:test"
ABSENT = ["sqlalchemy", "psycopg", "aiosqlite", "alembic", "litestar", "granian", "pip"]
FOUND_SOMETHING = 1
HARDENED = (
    "--read-only", "--tmpfs", "/tmp:size=64m,noexec,nosuid,nodev",  # noqa: S108  # in the container
    "--cap-drop", "ALL",
)  # fmt: skip
LOCKED = (*HARDENED, "--security-opt", "no-new-privileges", "--network", "none")
RADIO = (
    *HARDENED,
    "--network",
    "host",
    "--cap-add",
    "NET_RAW",
    "--cap-add",
    "NET_ADMIN",
)
CAPTURE = (
    "/opt/sentinel/lib/python3.11/site-packages/sentinel_netlab/cli/demo/"
    "deauth_flood-broadcast.pcap.gz"
)
JOIN = """
from pathlib import Path
from sentinel_netlab.sensor.credentials import Credentials, save
folder = Path("/var/lib/sentinel-sensor")
save(folder, Credentials(controller="https://192.0.2.1", sensor_id="s1", key_version=1,
                         key=bytes(32)))
"""
OPEN = """
import re, socket
socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)).bind(("lo", 0))
status = open("/proc/self/status").read()
print(*re.findall(r"(?:Uid:|CapEff:|CapBnd:)\\s+(\\w+)", status))
"""
NET_ADMIN_AND_RAW = f"{1 << 12 | 1 << 13:016x}"


@pytest.fixture(scope="module")
def image(engine: Engine) -> str:
    """The image, made as its file says."""
    engine.docker(
        "build", "-q", "-f", str(ROOT / "ops/docker/sensor.Dockerfile"),
        "--build-arg", "SENTINEL_VERSION=9.9", "--build-arg", "SENTINEL_COMMIT=abc",
        "-t", TAG, str(ROOT), timeout=900,
    )  # fmt: skip
    return TAG


@pytest.fixture
def volume(engine: Engine) -> Iterator[str]:
    """A new volume for the sensor's state."""
    name = f"sensor-{secrets.token_hex(4)}"
    engine.docker("volume", "create", name)
    yield f"{name}:/var/lib/sentinel-sensor"
    engine.docker("volume", "rm", "-f", name)


def test_image_says_what_it_is(engine: Engine, image: str) -> None:
    """Version and commit, in the labels that tools read."""
    [found] = json.loads(engine.docker("image", "inspect", image))
    labels = found["Config"]["Labels"]

    assert labels["org.opencontainers.image.version"] == "9.9"
    assert labels["org.opencontainers.image.revision"] == "abc"
    assert found["Config"]["User"] == "10001:10001"


def test_image_has_no_server_and_no_database(engine: Engine, image: str) -> None:
    """Nor pip; what is not there need not be updated."""
    script = (
        f"import importlib.util as u; print([n for n in {ABSENT} if u.find_spec(n)])"
    )
    script += "; import sentinel_netlab.sensor.agent"

    said = engine.docker("run", "--rm", *LOCKED, image, "python", "-c", script)

    assert said.strip() == "[]"


def test_capture_is_analysed_without_any_privilege(engine: Engine, image: str) -> None:
    """Read-only, no network, no capability."""
    command = f"sentinel analyze {CAPTURE}; echo status $?"

    said = engine.docker("run", "--rm", *LOCKED, image, "sh", "-c", command)

    assert "deauth_flood" in said
    assert said.endswith(f"status {FOUND_SOMETHING}\n")


def test_health_is_that_of_the_agent(engine: Engine, image: str, volume: str) -> None:
    """Healthy while it replays, and it ends in order when it is told to."""
    run = (*LOCKED, "-v", volume)
    engine.docker("run", "--rm", *run, image, "python", "-c", JOIN)
    name = engine.docker(
        "run", "-d", "--init", "--health-interval", "1s", *run, image,
        "sentinel", "sensor", "run", "--replay", CAPTURE, "--loop", "--shift",
    ).strip()  # fmt: skip
    try:
        health = ("inspect", "-f", "{{.State.Health.Status}}", name)
        until(lambda: engine.docker(*health) == "healthy\n", 90, "it is healthy")
        engine.docker("stop", "-t", "30", name)
        status = engine.docker("inspect", "-f", "{{.State.ExitCode}}", name)
        assert status == "0\n"
    finally:
        engine.docker("rm", "-f", name)


def test_radio_has_two_capabilities_and_no_others(engine: Engine, image: str) -> None:
    """Not as root: a packet socket opens, with the run line of the Dockerfile."""
    said = engine.docker("run", "--rm", *RADIO, image, "python-radio", "-c", OPEN)

    assert said.split() == ["10001", NET_ADMIN_AND_RAW, NET_ADMIN_AND_RAW]


def test_program_itself_has_none(engine: Engine, image: str) -> None:
    """Only `sentinel-radio` has them, also in a container that may."""
    script = f"try:\n{indent(OPEN, ' ')}\nexcept PermissionError: print('no')"

    said = engine.docker("run", "--rm", *RADIO, image, "python", "-c", script)

    assert said.strip() == "no"


def test_commands_of_the_run_line_exist(engine: Engine, image: str) -> None:
    """`sentinel-radio` is `sentinel`, with its arguments."""
    said = engine.docker(
        "run", "--rm", *RADIO, image, "sentinel-radio", "sensor", "run", "--help"
    )

    assert "--interface" in said
