"""
One job from the claim to its end.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.typing import FilteringBoundLogger

from sentinel_netlab.notify.message import Channel
from sentinel_netlab.store.outages import Outage, error_text, outage_of
from sentinel_netlab.store.queue import (
    MAX_ATTEMPTS,
    Job,
    claim,
    fail,
    finish,
    put_back,
)
from sentinel_netlab.worker.batches import PoisonError, Stored, read_job, store_batch
from sentinel_netlab.worker.metrics import Metrics

Result = Literal["done", "retry", "dead", "lost", "put_back"]


class _LeaseLostError(Exception):
    """Another worker has the job: what was written is rolled back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """
    What a worker works with.

    Attributes:
        owner: name of this worker in leases.
        clock: wall time, aware, UTC.
        channels: that are configured.
        owed: jobs to put back: the database was out while they were in hand.
        losses: by job, how often the connection broke under it.
    """

    engine: AsyncEngine
    owner: str
    lease_s: float
    clock: Callable[[], datetime]
    channels: Sequence[Channel]
    log: FilteringBoundLogger
    metrics: Metrics
    owed: list[Job] = field(default_factory=list)
    losses: Counter[str] = field(default_factory=Counter)


async def work_once(bench: Bench) -> bool:
    """
    Claim a job and bring it to an end, good or bad; False: nothing is due.

    An outage of the database is no attempt of the job in hand: it is put back, at the
    latest before the next one is claimed.

    Raises:
        SQLAlchemyError, psycopg.Error, OSError: the database does not answer.
    """
    await _put_back(bench)
    async with bench.engine.begin() as c:
        job = await claim(
            c, owner=bench.owner, lease_s=bench.lease_s, now=bench.clock()
        )
    if job is None:
        return False
    result = await _end(bench, job)
    bench.metrics.jobs.labels(result).inc()
    return True


async def _end(bench: Bench, job: Job) -> Result:
    try:
        stored = await _do(bench, job)
    except _LeaseLostError:
        bench.log.warning("Lease Lost", job=job.job_id)
        return "lost"
    except PoisonError as error:
        return await _fail(bench, job, str(error), permanent=True)
    except Exception as error:  # one bad job must not stop the others
        if _is_spared(bench, job, error):
            bench.owed.append(job)
            with suppress(Exception):  # then before the next one
                await _put_back(bench)
            raise
        return await _fail(bench, job, error_text(error))
    bench.losses.pop(job.job_id, None)
    lag_s = (bench.clock() - job.received_at).total_seconds()
    bench.metrics.ingest_lag_s.observe(max(0.0, lag_s))
    bench.metrics.observations.inc(stored.observations)
    if stored.refused_alerts:
        bench.log.warning(
            "Alerts Refused", job=job.job_id, alerts=list(stored.refused_alerts)
        )
    return "done"


def _is_spared(bench: Bench, job: Job, error: Exception) -> bool:
    """Whether the database was out; a job may also be what brings it down."""
    outage = outage_of(error)
    if outage is Outage.UNREACHABLE:
        bench.losses[job.job_id] += 1
        return bench.losses[job.job_id] <= MAX_ATTEMPTS
    return outage is not None


async def _put_back(bench: Bench) -> None:
    """Put all back that is owed; what cannot be stays owed."""
    while bench.owed:
        job = bench.owed.pop()
        try:
            async with bench.engine.begin() as c:
                await put_back(c, job, bench.clock())
        except BaseException:
            bench.owed.append(job)
            raise
        bench.metrics.jobs.labels("put_back").inc()


async def _do(bench: Bench, job: Job) -> Stored:
    batch = await asyncio.to_thread(read_job, job)
    async with bench.engine.begin() as c:
        stored = await store_batch(c, job, batch, bench.channels)
        if not await finish(c, job, bench.clock()):
            raise _LeaseLostError
    return stored


async def _fail(
    bench: Bench, job: Job, error: str, *, permanent: bool = False
) -> Result:
    is_dead = permanent or job.attempts >= MAX_ATTEMPTS
    bench.log.error("Job Failed", job=job.job_id, error=error, dead=is_dead)
    async with bench.engine.begin() as c:
        await fail(c, job, error, bench.clock(), permanent=permanent)
    return "dead" if is_dead else "retry"
