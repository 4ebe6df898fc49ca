"""
What a batch says of its sensor: that it lives, and how it does.
"""

from __future__ import annotations

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.core.times import microseconds
from sentinel_netlab.core.wire import AlertChange, Batch
from sentinel_netlab.correlate.system import CLOCK, DROPS, SILENT, judge_health
from sentinel_netlab.store.alerts import open_system_alerts
from sentinel_netlab.store.queue import Job
from sentinel_netlab.store.sensor_health import record_health

SYSTEM_CODES = (SILENT, DROPS, CLOCK)
"""Codes of alerts that only the server raises."""


async def hear(c: AsyncConnection, job: Job, batch: Batch) -> list[AlertChange]:
    """
    Note that the sensor lives, and judge how it does.

    Returns:
        States of system alerts, to be merged as those that the batch holds.
    """
    told = None
    if batch.health is not None:
        told = {"at_us": batch.created_us, **msgspec.to_builtins(batch.health)}
    is_news = await record_health(
        c, batch.sensor_id, heard_at=job.received_at, health=told, to_judge=True
    )
    if not is_news or batch.health is None:
        return []
    known = await open_system_alerts(c, (DROPS, CLOCK), batch.sensor_id)
    open_alerts = known.get(batch.sensor_id, {})
    now_us = microseconds(job.received_at)
    return judge_health(batch.sensor_id, batch.health, open_alerts, now_us)
