"""
The production stack of a copy of the project, driven by the commands of the guide.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import ssl
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.support.engine import ROOT, Engine, Place

PROJECT = "sentinel-netlab"
COMPOSE = "docker compose -f ops/docker-compose.prod.yml"
START_S = 300.0
_PLACEHOLDER = re.compile(r"change-me-\d+-[a-z0-9-]+")


@dataclass(frozen=True)
class Done:
    """A command that has ended; `output` is what it printed, both streams in turn."""

    status: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Both streams."""
        return self.stdout + self.stderr


def copy_project(folder: Path) -> None:
    """The files that git knows or would add, as they are now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if not (ROOT / name).is_file():
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)


@dataclass
class Stack:
    """
    The stack of the project in *folder*.

    Attributes:
        place: threads that reach what it publishes.
        superuser: of its database.
    """

    engine: Engine
    folder: Path
    superuser: str = "postgres"
    place: Place = field(init=False)

    def __post_init__(self) -> None:
        self.place = Place(self.engine.namespace)

    def typed(
        self, command: str, *, status: int | None = 0, timeout: float = START_S
    ) -> Done:
        """Run *command* from the project's root as a person types it."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.engine.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
        found = Done(done.returncode, done.stdout, done.stderr)
        if status is not None:
            assert found.status == status, f"{command}: {found.status}\n{found.output}"
        return found

    def typed_inside(self, command: str, *, timeout: float = START_S) -> Done:
        """As `typed`, on the machine that has the published ports."""
        words = " ".join([*self.engine.inside, "bash", "-c"])
        quoted = "'" + command.replace("'", "'\\''") + "'"
        return self.typed(f"{words} {quoted}", timeout=timeout)

    def compose(
        self, command: str, *, status: int | None = 0, timeout: float = START_S
    ) -> Done:
        """Run a command of `docker compose` on the stack."""
        return self.typed(f"{COMPOSE} {command}", status=status, timeout=timeout)

    # --- settings ---

    @property
    def env_file(self) -> Path:
        """Its settings."""
        return self.folder / "ops/.env"

    def fill_in_secrets(self) -> None:
        """What the guide asks of a person: replace each placeholder, nothing else."""
        text = self.env_file.read_text()
        made: dict[str, str] = {}
        for one in _PLACEHOLDER.findall(text):
            made.setdefault(one, secrets.token_hex(24))
        for placeholder, secret in made.items():
            text = text.replace(placeholder, secret)
        self.env_file.write_text(text)

    def set(self, name: str, value: str | None) -> None:
        """Give a setting another value, or take it away."""
        lines = self.env_file.read_text().splitlines()
        kept = [one for one in lines if not one.startswith(f"{name}=")]
        if value is not None:
            kept.append(f"{name}={value}")
        # At once: traffic may be reading a secret.
        new = self.env_file.with_suffix(".new")
        shutil.copy2(self.env_file, new)
        new.write_text("\n".join([*kept, ""]))
        new.replace(self.env_file)

    def setting(self, name: str) -> str:
        """The value of a setting in the file."""
        for line in self.env_file.read_text().splitlines():
            if line.startswith(f"{name}="):
                return line.partition("=")[2]
        raise KeyError(name)

    def secrets(self) -> list[str]:
        """Each secret of the settings, and the passwords in URLs."""
        names = ("CONTROLLER_SECRET_KEY", "CONTROLLER_HMAC_SECRET", "POSTGRES_PASSWORD")
        found = [self.setting(name) for name in names]
        urls = ("DATABASE_URL", "MIGRATION_DATABASE_URL")
        return found + [str(httpx.URL(self.setting(name)).password) for name in urls]

    # --- its life ---

    def up(self, *words: str) -> None:
        """Start it, and wait until it serves."""
        self.compose(" ".join(["up -d", *words]))
        self.until_ready()

    def down(self) -> None:
        """End it and forget everything, its data too."""
        self.compose("--profile '*' down -v --remove-orphans -t 5")

    def until_ready(self, wait_s: float = 60.0) -> None:
        """Until it answers through its proxy that it is ready."""
        until(lambda: self.status("/readyz") == 200, wait_s, "ready")

    def containers(self, service: str, *, every: bool = False) -> list[str]:
        """Ids of the running containers of a service; *every*: of ended ones too."""
        return self.compose(f"ps {'-a' if every else ''} -q {service}").stdout.split()

    def inspect(self, container: str) -> dict[str, Any]:
        """What the engine knows of a container."""
        return dict(json.loads(self.engine.docker("inspect", container))[0])

    def logs(self, service: str = "") -> str:
        """What a service, or all, has logged, without names before the lines."""
        return self.compose(f"logs --no-log-prefix --no-color {service}").output

    def sql(self, statement: str, database: str = "sentinel") -> str:
        """What the superuser's `psql` prints, unaligned and without headers."""
        done = subprocess.run(
            [*COMPOSE.split(), "exec", "-T", "postgres", "psql", "-U", self.superuser,
             "-v", "ON_ERROR_STOP=1", "-qAt", "-d", database],
            cwd=self.folder, env=self.engine.environ, input=statement,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    # --- requests ---

    def request(
        self,
        method: str,
        path: str,
        *,
        scheme: str = "https",
        host: str = "127.0.0.1",
        place: Place | None = None,
        **more: Any,
    ) -> httpx.Response:
        """Ask it through the published ports; certificates are not checked."""

        def ask() -> httpx.Response:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with httpx.Client(verify=context, trust_env=False, timeout=40) as client:
                return client.request(method, f"{scheme}://{host}{path}", **more)

        return (place or self.place).call(ask)

    def status(self, path: str, **more: Any) -> int | None:
        """The status of an answer to GET; None: there was none."""
        try:
            return self.request("GET", path, **more).status_code
        except httpx.TransportError:
            return None

    def token(self, role: str = "admin") -> str:
        """A new token of a person."""
        printed = self.compose(
            f"exec -T controller sentinel token create {secrets.token_hex(4)}"
            f" --role {role}"
        ).stdout
        return re.findall(r"snl_\w+", printed)[0]


def until(holds: Any, wait_s: float, what: str) -> None:
    """Wait until *holds* says so."""
    ends = time.monotonic() + wait_s
    while not holds():
        assert time.monotonic() < ends, f"not {what} after {wait_s} s"
        time.sleep(0.25)
