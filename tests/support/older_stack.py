"""
A database volume as an older stack left it: its superuser `sentinel` owns everything.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.support.engine import Engine
from tests.support.stack import PROJECT, Stack, until

OLDER_SUPERUSER = "sentinel"
VOLUME = f"{PROJECT}_postgres-data"
_NAME = "sentinel-older-postgres"
_PASSWORD = "change-me-older"  # noqa: S105  # of a database that lives for seconds
_PORT = 54329


def leave_volume(stack: Stack, fill: Callable[[str], object]) -> None:
    """Make the stack's volume; *fill* is given the URL of its database `sentinel`."""
    stack.superuser = OLDER_SUPERUSER
    docker = stack.engine.docker
    docker(
        "volume", "create", "--label=com.docker.compose.volume=postgres-data",
        f"--label=com.docker.compose.project={PROJECT}", VOLUME,
    )  # fmt: skip
    docker(
        "run", "-d", f"--name={_NAME}", f"--publish=127.0.0.1:{_PORT}:5432",
        f"--env=POSTGRES_USER={OLDER_SUPERUSER}",
        f"--env=POSTGRES_PASSWORD={_PASSWORD}",
        f"--volume={VOLUME}:/var/lib/postgresql/data", "postgres:16-alpine",
    )  # fmt: skip
    try:
        until(lambda: _serves(stack.engine), 60, "the older database")
        user = f"{OLDER_SUPERUSER}:{_PASSWORD}"
        stack.place.call(fill, f"postgresql://{user}@127.0.0.1:{_PORT}/sentinel")
        docker("stop", _NAME)
    finally:
        docker("rm", "-f", _NAME)


def _serves(engine: Engine) -> bool:
    """Over TCP: it listens there when it is set up."""
    words = ("exec", _NAME, "sh", "-c", "pg_isready -q -h 127.0.0.1; echo $?")
    return engine.docker(*words).strip() == "0"
