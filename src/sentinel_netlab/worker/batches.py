"""
What a batch does to the store, in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.core.inflate import InflateError, inflate
from sentinel_netlab.core.times import microseconds
from sentinel_netlab.core.wire import Batch, WireError, decode_batch
from sentinel_netlab.correlate.doubt import doubt
from sentinel_netlab.notify.message import Channel
from sentinel_netlab.store.inventory import add_to_inventory
from sentinel_netlab.store.locks import take_turn
from sentinel_netlab.store.observations import Origin, add_observations
from sentinel_netlab.store.queue import Job
from sentinel_netlab.store.sensor_health import site_of
from sentinel_netlab.worker.health import SYSTEM_CODES, hear
from sentinel_netlab.worker.stories import Teller, store_alerts


class PoisonError(Exception):
    """A job that no attempt will bring to an end."""


@dataclass(frozen=True, slots=True)
class Stored:
    """
    What came of a batch.

    Attributes:
        observations: that were not there before.
        refused_alerts: ids that are another sensor's, or the server's own to give.
    """

    observations: int
    refused_alerts: tuple[str, ...]


def read_job(job: Job) -> Batch:
    """
    The batch in *job*.

    The controller checked every value of it before it queued these bytes.

    Raises:
        PoisonError: there is none, or it is not the one that the job names.
    """
    if sha256(job.body).hexdigest() != job.digest:
        raise PoisonError("the body is not the one that was accepted")
    try:
        batch = decode_batch(inflate(job.body, job.encoding), is_checked=True)
    except (InflateError, WireError) as error:
        raise PoisonError(f"{type(error).__name__}: {error}") from None
    if (batch.sensor_id, batch.batch_id) != (job.sensor_id, job.batch_id):
        raise PoisonError("the batch is of another sensor, or has another id")
    return batch


async def store_batch(
    c: AsyncConnection, job: Job, batch: Batch, channels: Sequence[Channel]
) -> Stored:
    """
    Write what *batch* tells; the time of its receipt is the time of all it does.

    Rows are taken in one order by everybody: observations, networks and stations (each
    sorted), the turn of the site, the sensor, alerts, incidents.  So workers wait for
    each other, but never in a circle.

    Raises:
        PoisonError: the sensor is gone.
    """
    try:
        site_id = await site_of(c, batch.sensor_id)
    except LookupError as error:
        raise PoisonError(str(error)) from None
    stored = await _store_observations(c, job, batch, site_id)
    if batch.alerts or batch.health is not None:
        await take_turn(c, f"site:{site_id}")
    system = await hear(c, job, batch)
    own = [one for one in batch.alerts if one.code not in SYSTEM_CODES]
    forged = {one.id for one in batch.alerts if one.code in SYSTEM_CODES}
    teller = Teller(batch.sensor_id, site_id, channels, job.received_at)
    refused = await store_alerts(c, teller, [*own, *system])
    return Stored(stored, tuple(sorted({*refused, *forged})))


async def _store_observations(
    c: AsyncConnection, job: Job, batch: Batch, site_id: str | None
) -> int:
    doubts = _doubts(batch, job.received_at)
    origin = Origin(batch.sensor_id, batch.batch_id, batch.epoch, job.received_at)
    fresh = await add_observations(c, origin, batch.observations, doubts)
    if site_id is not None and fresh:
        await add_to_inventory(c, site_id, batch.sensor_id, batch.batch_id)
    return len(fresh)


def _doubts(batch: Batch, received_at: datetime) -> dict[int, str]:
    """Why observations are not believed, by seq."""
    received_us = microseconds(received_at)
    found: dict[int, str] = {}
    for one in batch.observations:
        times_us = (one.window_us, one.first_us, one.last_us)
        # The latest first: what is of the future and of the past is of the future.
        why = doubt(max(times_us), received_us) or doubt(min(times_us), received_us)
        if why is not None:
            found[one.seq] = why
    return found
