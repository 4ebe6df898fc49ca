"""
One migration at a time: an advisory lock on PostgreSQL, a locked file beside SQLite's.

Both are asked for again and again, never waited on: a waiting ``pg_advisory_lock``
holds a snapshot, on which CREATE INDEX CONCURRENTLY of its holder would wait in turn.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import sqlalchemy as sa

from sentinel_netlab.store.upgrade.errors import LockBusyError, UpgradeError
from sentinel_netlab.store.upgrade.plan import Plan, owner_engine

POLL_S = 0.25
NEWS_POLLS = 40
"""A line is said about the waiting each so many polls."""
_SPACE = 0x534E4C
_KEYS = f"{_SPACE}, hashtext('sentinel_netlab migrations')"
_TRY = f"SELECT pg_try_advisory_lock({_KEYS})"
_FREE = f"SELECT pg_advisory_unlock({_KEYS})"
_HOLDER = f"""
SELECT l.pid, coalesce(nullif(a.application_name, ''), 'unnamed')
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.classid::bigint = {_SPACE}
  AND l.objid::bigint =
      (hashtext('sentinel_netlab migrations')::bigint & 4294967295)
"""  # noqa: S608  # numbers of ours
_NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "lustre"),
        *("glusterfs", "fuse.glusterfs", "fuse.sshfs", "fuse.s3fs"),
    }
)


@contextmanager
def migration_lock(plan: Plan) -> Iterator[None]:
    """
    Be the only migration of the database of *plan*.

    Raises:
        LockBusyError: another one did not end within `lock_wait_s`.
        UpgradeError: the lock could not keep others out.
    """
    if plan.url.get_backend_name() != "sqlite":
        with _advisory_lock(plan):
            yield
    elif plan.url.database in (None, "", ":memory:"):
        yield
    else:
        with _file_lock(plan, Path(plan.url.database or "")):
            yield


@contextmanager
def _advisory_lock(plan: Plan) -> Iterator[None]:
    engine = owner_engine(plan)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        refuse_pooler(lambda: _backend(connection), lambda: _touch(engine))

        def take() -> bool:
            return bool(connection.exec_driver_sql(_TRY).scalar_one())

        def holder() -> str:
            row = connection.exec_driver_sql(_HOLDER).first()
            return f"process {row[0]} ({row[1]})" if row else "somebody"

        _poll(plan, take, holder)
        yield
        # An error ends the connection, and so the lock.
        connection.exec_driver_sql(_FREE)


def _backend(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


@contextmanager
def _touch(engine: sa.Engine) -> Iterator[None]:
    """Another connection in a transaction: a pooler gives it what was just free."""
    with engine.begin() as other:
        other.exec_driver_sql("SELECT 1")
        yield


def refuse_pooler(
    backend: Callable[[], int], touch: Callable[[], AbstractContextManager[None]]
) -> None:
    """
    Make sure that two transactions of a connection are of one server process.

    Args:
        backend: gives the process that served a transaction.
        touch: holds a transaction open on another connection.

    Raises:
        UpgradeError: they are not: a pooler hands out processes for each transaction,
            and a lock of a session would stay behind in one of them.
    """
    first = backend()
    with touch():
        second = backend()
    if first != second:
        raise UpgradeError(
            "the database is behind a pooler that shares sessions: "
            "let MIGRATION_DATABASE_URL name the server itself"
        )


@contextmanager
def _file_lock(plan: Plan, database: Path) -> Iterator[None]:
    if (kind := file_system_of(database)) in _NETWORK:
        raise UpgradeError(
            f"the database lies on a network file system ({kind}), where locks of "
            "files do not keep others out"
        )
    file = database.with_name(database.name + ".migrating")
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:

        def take() -> bool:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            return True

        def holder() -> str:
            return f"process {os.pread(descriptor, 20, 0).decode() or 'unknown'}"

        _poll(plan, take, holder)
        yield
    finally:
        os.close(descriptor)


def file_system_of(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """The kind of file system that *path* is on; empty where nobody tells."""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
        here = path.resolve()
    except OSError:
        return ""
    best, kind = -1, ""
    for line in lines:
        before, _, after = line.partition(" - ")
        point = Path(before.split()[4].encode().decode("unicode_escape"))
        if here.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split()[0]
    return kind


def _poll(plan: Plan, take: Callable[[], bool], holder: Callable[[], str]) -> None:
    polls = int(plan.lock_wait_s / POLL_S)
    for number in range(polls + 1):
        if take():
            return
        if number % NEWS_POLLS == 0:
            plan.say(f"waiting for another migration: {holder()}")
        if number < polls:
            plan.sleep(POLL_S)
    raise LockBusyError(
        f"another migration did not end within {plan.lock_wait_s:g} s: {holder()}"
    )
