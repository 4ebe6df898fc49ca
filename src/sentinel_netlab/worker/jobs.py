"""
One job from the claim to its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.typing import FilteringBoundLogger

from sentinel_netlab.notify.message import Channel
from sentinel_netlab.store.queue import MAX_ATTEMPTS, Job, claim, fail, finish
from sentinel_netlab.worker.batches import PoisonError, Stored, read_job, store_batch
from sentinel_netlab.worker.metrics import Metrics

Result = Literal["done", "retry", "dead", "lost"]


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
    """

    engine: AsyncEngine
    owner: str
    lease_s: float
    clock: Callable[[], datetime]
    channels: Sequence[Channel]
    log: FilteringBoundLogger
    metrics: Metrics


async def work_once(bench: Bench) -> bool:
    """
    Claim a job and bring it to an end, good or bad; False: nothing is due.

    Raises:
        SQLAlchemyError, OSError: the database does not answer.
    """
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
    except Exception as error:  # noqa: BLE001  # one bad job must not stop the others
        return await _fail(bench, job, error_text(error))
    lag_s = (bench.clock() - job.received_at).total_seconds()
    bench.metrics.ingest_lag_s.observe(max(0.0, lag_s))
    bench.metrics.observations.inc(stored.observations)
    if stored.refused_alerts:
        bench.log.warning(
            "Alerts Refused", job=job.job_id, alerts=list(stored.refused_alerts)
        )
    return "done"


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


def error_text(error: Exception) -> str:
    """
    What *error* says without what was to be written.

    SQLAlchemy's text shows the values, and the details of PostgreSQL the failing row.
    """
    cause = getattr(error, "orig", None) or error
    primary = getattr(getattr(cause, "diag", None), "message_primary", None)
    return f"{type(cause).__name__}: {primary or cause}"
