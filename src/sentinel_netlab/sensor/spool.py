"""
Batches that the controller has not taken yet, on the sensor's disk.

What `append` returns from is on the disk, and leaves it only when the controller has
acknowledged it or when the spool is full: then the oldest evidence goes first, the
oldest observations next, and alerts last; each loss is counted.  A file that is damaged
is put beside, what can be read of it is taken over, and a new epoch begins.

SQLite in WAL mode with ``synchronous=FULL``: a commit is fsynced before it returns
(sqlite.org, "Write-Ahead Logging", 3).
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sentinel_netlab.sensor.spooled import LANES, Fill, Fresh, Kept, Lane, Numbers

ROW_BYTES = 256
"""What a batch takes beside its body, about."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS epoch (name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch_id TEXT NOT NULL UNIQUE,
    lane TEXT NOT NULL,
    body BLOB NOT NULL,
    encoding TEXT NOT NULL,
    items INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    aside TEXT
);
CREATE INDEX IF NOT EXISTS batches_lane ON batches (lane, id) WHERE aside IS NULL;
"""
_FIRST = """
SELECT batch_id, lane, body, encoding, items, created_us, aside FROM batches
WHERE lane = ? AND aside IS NULL ORDER BY id LIMIT 1
"""
_ASIDE = """
SELECT batch_id, lane, body, encoding, items, created_us, aside FROM batches
WHERE aside NOT NULL ORDER BY id
"""
_ALL = """
SELECT batch_id, lane, body, encoding, items, created_us, aside FROM batches ORDER BY id
"""
_INSERT = """
INSERT OR IGNORE INTO batches
    (batch_id, lane, body, encoding, items, created_us, aside)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_DROP_OLDEST = """
DELETE FROM batches WHERE id = (SELECT min(id) FROM batches WHERE lane = ?)
RETURNING length(body), items
"""
_FILL = """
SELECT count(*) FILTER (WHERE aside IS NULL), count(*) FILTER (WHERE aside NOT NULL),
       min(created_us) FILTER (WHERE aside IS NULL)
FROM batches
"""
_RETRY = """
UPDATE batches SET aside = NULL
WHERE aside NOT NULL AND (?1 IS NULL OR batch_id = ?1) RETURNING batch_id
"""
_PURGE = """
DELETE FROM batches
WHERE aside NOT NULL AND (?1 IS NULL OR batch_id = ?1) RETURNING length(body)
"""
_ACKNOWLEDGED = "DELETE FROM batches WHERE batch_id = ? RETURNING length(body)"
_PUT_ASIDE = "UPDATE batches SET aside = ? WHERE batch_id = ?"
_SIZE = "SELECT coalesce(sum(length(body)), 0), count(*) FROM batches"
_DAMAGE = frozenset(
    # the last: a table or column is not what it was
    {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
)
_FILES = ("", "-wal", "-shm")


class SpoolError(Exception):
    """The disk does not take what is to be kept, or the spool is closed."""


class Spool:
    """
    The spool in *path*.

    Args:
        most_bytes: of bodies and what goes with them.

    Attributes:
        damage: what was wrong with the file that was found, "" if nothing.

    Raises:
        SpoolError: there can be no file; later, that the disk fails.
    """

    def __init__(self, path: Path, *, most_bytes: int) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._lock = threading.RLock()
        self.damage = ""
        try:
            self._db, self.epoch = self._opened()
            self._measure()
        except (sqlite3.Error, OSError) as error:
            raise SpoolError(f"{path}: {error}") from None

    def append(
        self, lane: Lane, observations: int, make: Callable[[Numbers], Fresh]
    ) -> None:
        """
        Keep a batch.

        Args:
            observations: how many numbers of observations it uses.
            make: makes it of its numbers; nothing is used up if that fails.

        Raises:
            SpoolError: the disk does not take it.
        """

        def numbered() -> list[Fresh]:
            sequence = self._take(f"sequence {lane}", 1)
            seq = self._take("seq", observations)
            return [make(Numbers(self.epoch, sequence, seq))]

        self._keep(lane, numbered)

    def append_all(self, lane: Lane, batches: Sequence[Fresh]) -> None:
        """
        Keep several at once, which have no numbers of this spool in them.

        Raises:
            SpoolError: the disk does not take them.
        """
        self._keep(lane, lambda: batches)

    def first(self, lane: Lane) -> Kept | None:
        """The batch of *lane* that is to be sent next."""
        rows = self._read(_FIRST, (lane,))
        return Kept(*rows[0]) if rows else None

    def acknowledged(self, batch_id: str) -> None:
        """The controller has it."""
        self._forget(_ACKNOWLEDGED, (batch_id,))

    def put_aside(self, batch_id: str, why: str) -> None:
        """The controller refuses its content: people may look at it."""
        self._change(_PUT_ASIDE, (why, batch_id))

    def set_aside(self) -> list[Kept]:
        """What was put aside, the oldest first."""
        return [Kept(*row) for row in self._read(_ASIDE)]

    def retry(self, batch_ids: Iterable[str] | None = None) -> int:
        """Send again what was put aside, all of it or these; how many."""
        return sum(len(self._change(_RETRY, one)) for one in _chosen(batch_ids))

    def purge(self, batch_ids: Iterable[str] | None = None) -> int:
        """Forget what was put aside, all of it or these; how many."""
        return sum(self._forget(_PURGE, one) for one in _chosen(batch_ids))

    def fill(self) -> Fill:
        """What the spool holds."""
        with self._lock:
            waiting, aside, oldest_us = self._read(_FILL)[0]
            return Fill(
                waiting,
                aside,
                self._size_bytes,
                oldest_us,
                self._number("lost observations"),
                self._number("lost alerts"),
                self._number("lost evidence"),
            )

    def lose(self, lane: Lane, items: int) -> None:
        """Count what could not even be kept; the count itself is kept if it can be."""
        with self._lock, suppress(sqlite3.Error), self._transaction():
            self._take(f"lost {lane}", items)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _keep(self, lane: Lane, make: Callable[[], Sequence[Fresh]]) -> None:
        with self._lock:
            try:
                self._insert_all(lane, make)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise SpoolError(f"{self._path}: {error}") from None
                self._begin_anew(str(error))
                self._insert_all(lane, make)

    def _insert_all(self, lane: Lane, make: Callable[[], Sequence[Fresh]]) -> None:
        with self._transaction():
            for fresh in make():
                self._insert(fresh, lane)
            self._make_room()

    def _read(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        """Rows of *query*; of a new file, if this one turns out to be damaged."""
        with self._lock:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise SpoolError(f"{self._path}: {error}") from None
                self._begin_anew(str(error))
            return self._db.execute(query, values).fetchall()

    def _begin_anew(self, damage: str) -> None:
        """The file was damaged while it was open."""
        self.damage = damage
        self._db.close()
        try:
            self._db, self.epoch = self._replaced()
            self._measure()
        except (sqlite3.Error, OSError) as error:
            raise SpoolError(f"{self._path}: {error}") from None

    def _opened(self) -> tuple[sqlite3.Connection, str]:
        try:
            return _open(self._path)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self.damage = str(error)
        return self._replaced()

    def _replaced(self) -> tuple[sqlite3.Connection, str]:
        """A new file with what can be read of the damaged one."""
        salvaged = self._put_beside()
        db, epoch = _open(self._path)
        with db:
            db.executemany(_INSERT, salvaged)
        return db, epoch

    def _put_beside(self) -> list[tuple[object, ...]]:
        """Rename the damaged files; what can be read of them."""
        mark = f"{self._path}.damaged-{secrets.token_hex(4)}"
        for ending in _FILES:
            with suppress(FileNotFoundError):
                Path(f"{self._path}{ending}").rename(f"{mark}{ending}")
        found: list[tuple[object, ...]] = []
        with suppress(sqlite3.Error):
            db = sqlite3.connect(mark)
            try:
                for row in db.execute(_ALL):
                    found.append(row)  # noqa: PERF402  # a later row may be damaged
            finally:
                db.close()
        return found

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            with suppress(sqlite3.Error):
                self._measure()
            raise

    def _change(self, statement: str, values: tuple[object, ...]) -> list[Any]:
        """Run *statement* in a transaction of its own; the rows that it returns."""
        with self._lock:
            try:
                with self._transaction():
                    return self._db.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise SpoolError(f"{self._path}: {error}") from None

    def _forget(self, statement: str, values: tuple[object, ...]) -> int:
        """Run a *statement* that deletes batches; how many went."""
        with self._lock:
            gone = self._change(statement, values)
            self._size_bytes -= sum(length + ROW_BYTES for (length,) in gone)
        return len(gone)

    def _insert(self, fresh: Fresh, lane: Lane) -> None:
        inserted = self._db.execute(
            _INSERT,
            (
                fresh.batch_id,
                lane,
                fresh.body,
                fresh.encoding,
                fresh.items,
                fresh.created_us,
                None,
            ),
        )
        # Evidence of the same alert may wait already: the first stays.
        self._size_bytes += inserted.rowcount * (len(fresh.body) + ROW_BYTES)

    def _make_room(self) -> None:
        """Drop the oldest of the least important lane until the rest fits."""
        for lane in reversed(LANES):
            while self._size_bytes > self._most_bytes:
                row = self._db.execute(_DROP_OLDEST, (lane,)).fetchone()
                if row is None:
                    break
                length, items = row
                self._size_bytes -= length + ROW_BYTES
                self._take(f"lost {lane}", items)

    def _measure(self) -> None:
        length, rows = self._db.execute(_SIZE).fetchone()
        self._size_bytes = length + rows * ROW_BYTES

    def _take(self, name: str, count: int) -> int:
        """Count *name* up; its value before."""
        value = self._number(name)
        self._db.execute(
            "INSERT INTO numbers VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value + count),
        )
        return value

    def _number(self, name: str) -> int:
        query = "SELECT value FROM numbers WHERE name = ?"
        row = self._db.execute(query, (name,)).fetchone()
        return 0 if row is None else int(row[0])


def _open(path: Path) -> tuple[sqlite3.Connection, str]:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.executescript(_SCHEMA)
        (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        row = db.execute("SELECT name FROM epoch").fetchone()
        epoch = secrets.token_hex(8) if row is None else str(row[0])
        if row is None:
            db.execute("INSERT INTO epoch VALUES (?)", (epoch,))
    except BaseException:
        db.close()
        raise
    return db, epoch


def _chosen(batch_ids: Iterable[str] | None) -> list[tuple[str | None]]:
    return [(None,)] if batch_ids is None else [(one,) for one in batch_ids]


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """
    Whether the file is no sound database.

    A full disk is another matter, and so is a spool that was closed while a thread was
    on its way to it (`sqlite3.ProgrammingError`).
    """
    if isinstance(error, sqlite3.ProgrammingError):
        return False
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return code & 0xFF in _DAMAGE  # the rest of an extended code says where
