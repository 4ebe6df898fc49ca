"""
A Docker engine for the tests of the stack: the machine's own, or one made for them.

Where `docker info` answers, that engine is used.  Otherwise ``../shared/stack`` makes a
private one, with local images under the tags that the project names; what it publishes
can be reached only from its own network namespace.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

from tests.support.shared import SHARED

ROOT = Path(__file__).resolve().parents[2]
MAKER = SHARED / "stack/engine.sh"
CLONE_NEWNET = 0x40000000
NEAR, FAR = "198.51.100.1", "198.51.100.7"
"""Addresses of the engine's and the other side of `neighbour` (RFC 5737)."""
_IMAGE = re.compile(r"^(?:FROM|\s+image:)\s+([\w./-]+:[\w.-]+)", re.MULTILINE)
_P = ParamSpec("_P")
_T = TypeVar("_T")


class NoEngineError(Exception):
    """There is no Docker engine, and none can be made."""


@dataclass(frozen=True)
class Engine:
    """
    Where containers run.

    Attributes:
        environ: for the commands `docker` and `docker compose`.
        namespace: file of the network namespace in which published ports are; None:
            it is our own.
    """

    environ: dict[str, str]
    namespace: Path | None = None

    @property
    def inside(self) -> list[str]:
        """What stands before a command that is to reach published ports."""
        if self.namespace is None:
            return []
        return ["nsenter", f"--net={self.namespace}", "--"]

    def docker(self, *words: str, timeout: float = 300) -> str:
        """What `docker` prints; it must succeed."""
        done = subprocess.run(
            ["docker", *words],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
        assert done.returncode == 0, f"docker {' '.join(words)}: {done.stderr}"
        return done.stdout


@dataclass
class Place:
    """
    Threads whose sockets are those of a network namespace.

    Attributes:
        namespace: its file; None: our own.
    """

    namespace: Path | None
    threads: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self.threads = ThreadPoolExecutor(max_workers=64, initializer=self._enter)

    def call(self, do: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """What *do* gives, done there."""
        return self.threads.submit(do, *args, **kwargs).result()

    def close(self) -> None:
        """End the threads."""
        self.threads.shutdown()

    def _enter(self) -> None:
        if self.namespace is None:
            return
        libc = ctypes.CDLL(None, use_errno=True)
        with self.namespace.open() as file:
            if libc.setns(file.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")


def base_images() -> dict[str, str]:
    """Kind and tag of each image that is not made here."""
    files = [ROOT / "ops/docker-compose.prod.yml", *(ROOT / "ops/docker").iterdir()]
    found = {}
    for file in files:
        text = file.read_text()
        for tag in _IMAGE.findall(text):
            found[tag.partition(":")[0].rpartition("/")[2]] = tag
    return found


def find_engine() -> Engine:
    """
    The engine, ready to build and start.

    Raises:
        NoEngineError: neither is there.
    """
    own = dict(os.environ)
    if "STACK_DIR" not in own and _answers(own):
        return Engine(own)
    if not MAKER.exists():
        raise NoEngineError("no Docker engine answers")
    subprocess.run([MAKER, "up"], check=True)
    tags = [f"{kind}={tag}" for kind, tag in base_images().items()]
    subprocess.run([MAKER.with_name("standins.sh"), *tags], check=True)
    script = f'eval "$("{MAKER}" env)" && env -0'
    printed = subprocess.run(
        ["bash", "-c", script], check=True, capture_output=True, text=True
    ).stdout
    environ = dict(one.split("=", 1) for one in printed.split("\0") if "=" in one)
    return Engine(environ, _namespace(environ))


def _answers(environ: dict[str, str]) -> bool:
    if shutil.which("docker") is None:
        return False
    try:
        done = subprocess.run(
            ["docker", "info"],
            env=environ,
            capture_output=True,
            check=False,
            timeout=20,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _namespace(environ: dict[str, str]) -> Path:
    """That of the engine: asked of a process in it."""
    name = subprocess.run(
        [MAKER, "exec", "ip", "netns", "identify"],
        env=environ, check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    return Path("/run/netns") / name


@contextmanager
def neighbour(engine: Engine) -> Iterator[Place]:
    """A machine of its own, `FAR`, that reaches the engine's machine at `NEAR`."""
    name, near, far = f"sentinel-client-{os.getpid()}", "snl-near", "snl-far"
    here = engine.inside

    def ip(*words: str, prefix: list[str] | None = None) -> None:
        subprocess.run([*(prefix or []), "ip", *words], check=True)

    subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
    ip("netns", "add", name)
    there = ["ip", "netns", "exec", name]
    try:
        ip("link", "add", near, "type", "veth", "peer", "name", far, prefix=here)
        ip("link", "set", far, "netns", name, prefix=here)
        ip("addr", "add", f"{NEAR}/24", "dev", near, prefix=here)
        ip("link", "set", near, "up", prefix=here)
        ip("addr", "add", f"{FAR}/24", "dev", far, prefix=there)
        ip("link", "set", far, "up", prefix=there)
        ip("link", "set", "lo", "up", prefix=there)
        place = Place(Path("/run/netns") / name)
        yield place
        place.close()
    finally:
        subprocess.run([*here, "ip", "link", "del", near], check=False)
        ip("netns", "del", name)
