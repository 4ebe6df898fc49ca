"""
The queue of batches: the table `ingest_jobs`.

A job is queued, leased by a worker, and done; a lease that runs out is anybody's
again.  What fails is tried again after a pause that doubles, and dead after
`MAX_ATTEMPTS`.  Adopted rows are kept and never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.store.tables import ingest_jobs
from sentinel_netlab.store.upserts import insert_for

MAX_ATTEMPTS = 8
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 300.0
OUTAGE_PAUSE_S = 5.0
MAX_ERROR_CHARACTERS = 500
Enqueued = Literal["queued", "duplicate", "conflict"]
_jobs = ingest_jobs.c


@dataclass(frozen=True, slots=True)
class Received:
    """
    A batch as it was received.

    Attributes:
        body: in *encoding*: zstd, gzip or identity.
        digest: its SHA-256 in hexadecimal.
    """

    sensor_id: str
    batch_id: str
    body: bytes
    encoding: str
    digest: str

    @property
    def job_id(self) -> str:
        """The name of its job."""
        return job_id_of(self.sensor_id, self.batch_id)


@dataclass(frozen=True, slots=True)
class Job:
    """
    A batch as it was received, leased to a worker.

    Attributes:
        body: in *encoding*: zstd, gzip or identity.
        attempts: leases so far, this one included; tells two leases apart.
    """

    job_id: str
    sensor_id: str
    batch_id: str
    body: bytes
    encoding: str
    digest: str
    received_at: datetime
    attempts: int
    owner: str


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """
    How much waits.

    Attributes:
        queued: jobs that no worker holds.
        oldest_age_s: age of the oldest job that is not done, 0 if there is none.
        dead: jobs that only a person brings back.
        leased: jobs that a worker holds.
    """

    queued: int
    oldest_age_s: float
    dead: int
    leased: int = 0


def job_id_of(sensor_id: str, batch_id: str) -> str:
    """The name of the job of a batch."""
    return f"{sensor_id}:{batch_id}"


async def enqueue(
    c: AsyncConnection,
    *,
    sensor_id: str,
    batch_id: str,
    body: bytes,
    encoding: str,
    digest: str,
    now: datetime,
) -> Enqueued:
    """
    Put a batch into the queue once.

    Returns:
        ``queued``; ``duplicate`` if the same bytes came under this name before;
        ``conflict`` if other bytes did.
    """
    one = Received(sensor_id, batch_id, body, encoding, digest)
    return (await enqueue_all(c, [one], now))[0]


async def enqueue_all(
    c: AsyncConnection, batches: Sequence[Received], now: datetime
) -> list[Enqueued]:
    """As `enqueue`, in one statement; the same name may be there twice."""
    first = {one.job_id: one for one in reversed(batches)}
    # In one order, so that transactions that meet wait for each other one way only.
    rows = [_row(first[job_id], now) for job_id in sorted(first)]
    insert = insert_for(c, ingest_jobs).on_conflict_do_nothing()
    # RETURNING, for psycopg's count of an INSERT does not reach us.
    found = await c.execute(insert.returning(_jobs.job_id), rows)
    queued = set(found.scalars())
    return [
        "queued"
        if one.job_id in queued and first[one.job_id] is one
        else await _known(c, one)
        for one in batches
    ]


def _row(one: Received, now: datetime) -> dict[str, Any]:
    return {
        "job_id": one.job_id,
        "sensor_id": one.sensor_id,
        "batch_id": one.batch_id,
        "received_at": now,
        "status": "queued",
        "attempts": 0,
        "next_attempt_at": now,
        "body": one.body,
        "encoding": one.encoding,
        "digest": one.digest,
        "adopted": False,
    }


async def _known(c: AsyncConnection, one: Received) -> Enqueued:
    same = (_jobs.sensor_id == one.sensor_id) & (_jobs.batch_id == one.batch_id)
    found = await c.execute(sa.select(_jobs.digest).where(same))
    return "duplicate" if found.scalar() == one.digest else "conflict"


async def claim(
    c: AsyncConnection, *, owner: str, lease_s: float, now: datetime
) -> Job | None:
    """
    Lease the next job to *owner*, or one whose lease ran out; None: nothing is due.

    The caller commits before it works.  A job that took its worker with it
    `MAX_ATTEMPTS` times is dead, and the next is given.
    """
    while (job := await _claim_one(c, owner, lease_s, now)) is not None:
        if job.attempts <= MAX_ATTEMPTS:
            return job
        await _bury(c, job, "its workers died, or its lease ran out", now)
    return None


async def _claim_one(
    c: AsyncConnection, owner: str, lease_s: float, now: datetime
) -> Job | None:
    statement = _claiming(skips_locked=c.dialect.name == "postgresql")
    values = {"now": now, "owner": owner, "until": now + timedelta(seconds=lease_s)}
    row = (await c.execute(statement, values)).first()
    return None if row is None else Job(*row)


@cache
def _claiming(*, skips_locked: bool) -> sa.Executable:
    now, until = _time("now"), _time("until")
    chosen = sa.func.coalesce(
        _first("leased", now, skips_locked=skips_locked),
        _first("queued", now, skips_locked=skips_locked),
    )
    # A leased job is due again when its lease ends: one index serves both.
    return (
        sa.update(ingest_jobs)
        .where(_jobs.job_id == chosen)
        .values(
            status="leased",
            lease_owner=sa.bindparam("owner"),
            lease_until=until,
            next_attempt_at=until,
            attempts=_jobs.attempts + 1,
        )
        .returning(
            _jobs.job_id,
            _jobs.sensor_id,
            _jobs.batch_id,
            _jobs.body,
            _jobs.encoding,
            _jobs.digest,
            _jobs.received_at,
            _jobs.attempts,
            _jobs.lease_owner,
        )
    )


def _time(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=_jobs.received_at.type)


def _first(
    status: str, now: sa.BindParameter[datetime], *, skips_locked: bool
) -> sa.ScalarSelect[Any]:
    """The job of *status* whose time came first."""
    query = (
        sa.select(_jobs.job_id)
        .where(
            _jobs.status == status,
            _jobs.next_attempt_at <= now,
            _jobs.adopted.is_(sa.false()),
        )
        .order_by(_jobs.next_attempt_at)
        .limit(1)
    )
    if skips_locked:
        query = query.with_for_update(skip_locked=True)
    return query.scalar_subquery()


def _held(job: Job) -> sa.ColumnElement[bool]:
    """Whether *job*'s lease still is its worker's."""
    return (
        (_jobs.job_id == job.job_id)
        & (_jobs.status == "leased")
        & (_jobs.lease_owner == job.owner)
        & (_jobs.attempts == job.attempts)
    )


async def finish(c: AsyncConnection, job: Job, now: datetime) -> bool:
    """
    End *job* and drop its body; in the transaction of what it wrote.

    Returns:
        False: somebody else has the job by now; the caller rolls back.
    """
    holder = {"held_id": job.job_id, "holder": job.owner, "held": job.attempts}
    done = await c.execute(_FINISHING, {**holder, "now": now})
    return done.rowcount == 1


_FINISHING = (
    sa.update(ingest_jobs)
    .where(
        _jobs.job_id == sa.bindparam("held_id"),
        _jobs.status == "leased",
        _jobs.lease_owner == sa.bindparam("holder"),
        _jobs.attempts == sa.bindparam("held"),
    )
    .values(
        status="done",
        body=None,
        lease_owner=None,
        lease_until=None,
        next_attempt_at=None,
        error_msg=None,
        done_at=_time("now"),
    )
)
"""Made once, as `_claiming`: making it takes longer than running it."""


async def fail(
    c: AsyncConnection, job: Job, error: str, now: datetime, *, permanent: bool = False
) -> None:
    """Let *job* be tried again after a pause, or be dead if that is of no use."""
    if permanent or job.attempts >= MAX_ATTEMPTS:
        await _bury(c, job, error, now)
        return
    due = now + timedelta(seconds=pause_s(job.attempts))
    await _let_go(
        c, job, status="queued", next_attempt_at=due, error_msg=_storable(error)
    )


async def put_back(c: AsyncConnection, job: Job, now: datetime) -> None:
    """Let *job* be tried again soon; the lease was no attempt of its own."""
    due = now + timedelta(seconds=OUTAGE_PAUSE_S)
    attempts = _jobs.attempts - 1
    await _let_go(c, job, status="queued", next_attempt_at=due, attempts=attempts)


def pause_s(attempts: int) -> float:
    """Seconds until the next attempt after *attempts* failed."""
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(attempts - 1, 30))


async def _bury(c: AsyncConnection, job: Job, error: str, now: datetime) -> None:
    values = {"next_attempt_at": None, "error_msg": _storable(error), "done_at": now}
    await _let_go(c, job, status="dead", **values)


async def _let_go(c: AsyncConnection, job: Job, **values: Any) -> None:
    """End the lease of *job*, unless somebody else has it by now."""
    free = {"lease_owner": None, "lease_until": None}
    await c.execute(sa.update(ingest_jobs).where(_held(job)).values(free | values))


def _storable(error: str) -> str:
    return error.replace("\0", "")[:MAX_ERROR_CHARACTERS]


async def requeue(c: AsyncConnection, now: datetime, job_id: str | None = None) -> int:
    """Queue dead jobs anew, all or the one of *job_id*; the number of them."""
    dead = (_jobs.status == "dead") & _jobs.adopted.is_(sa.false())
    if job_id is not None:
        dead &= _jobs.job_id == job_id
    done = await c.execute(
        sa.update(ingest_jobs)
        .where(dead)
        .values(status="queued", attempts=0, next_attempt_at=now, done_at=None)
    )
    return done.rowcount


async def depth(c: AsyncConnection, now: datetime) -> QueueDepth:
    """How much waits at *now*."""
    statement = (
        sa.select(_jobs.status, sa.func.count(), sa.func.min(_jobs.received_at))
        .where(
            _jobs.status.in_(("queued", "leased", "dead")),
            _jobs.adopted.is_(sa.false()),
        )
        .group_by(_jobs.status)
    )
    rows = {row[0]: (row[1], row[2]) for row in await c.execute(statement)}
    waiting = [rows[name][1] for name in ("queued", "leased") if name in rows]
    oldest = min(waiting, default=now)
    none = (0, now)
    return QueueDepth(
        queued=rows.get("queued", none)[0],
        oldest_age_s=max(0.0, (now - oldest).total_seconds()),
        dead=rows.get("dead", none)[0],
        leased=rows.get("leased", none)[0],
    )


async def list_jobs(
    c: AsyncConnection, *, status: str | None = None, limit: int = 100
) -> list[sa.RowMapping]:
    """The newest jobs, without their bodies."""
    columns = (
        _jobs.job_id,
        _jobs.sensor_id,
        _jobs.batch_id,
        _jobs.status,
        _jobs.received_at,
        _jobs.attempts,
        _jobs.next_attempt_at,
        _jobs.lease_owner,
        _jobs.error_msg,
        _jobs.adopted,
    )
    query = sa.select(*columns).order_by(_jobs.received_at.desc()).limit(limit)
    if status is not None:
        query = query.where(_jobs.status == status)
    return list((await c.execute(query)).mappings())


async def purge_done(c: AsyncConnection, before: datetime, limit: int = 5_000) -> int:
    """Forget at most *limit* jobs done before *before*, and so their keys."""
    old = (
        sa.select(_jobs.job_id)
        .where(
            _jobs.status == "done",
            _jobs.done_at < before,
            _jobs.adopted.is_(sa.false()),
        )
        .limit(limit)
    )
    done = await c.execute(sa.delete(ingest_jobs).where(_jobs.job_id.in_(old)))
    return done.rowcount
