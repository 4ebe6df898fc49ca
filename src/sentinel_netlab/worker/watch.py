"""
Watching the sensors: who fell silent, who is back; and incidents that came to rest.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.core.times import microseconds
from sentinel_netlab.correlate.incidents import REACH_US
from sentinel_netlab.correlate.system import (
    SILENT,
    SILENT_US,
    SensorChange,
    SensorState,
    watch,
)
from sentinel_netlab.store.alerts import open_system_alerts
from sentinel_netlab.store.engine import reading
from sentinel_netlab.store.events import NewEvent, emit_all
from sentinel_netlab.store.incidents import close_quiet_incidents
from sentinel_netlab.store.locks import take_turn, try_turn
from sentinel_netlab.store.sensor_health import (
    HeardSensor,
    heard_sensors,
    set_status,
    status_of,
)
from sentinel_netlab.worker.jobs import Bench
from sentinel_netlab.worker.news import sensor_event
from sentinel_netlab.worker.stories import Teller, store_alerts

_RECENT = timedelta(microseconds=2 * SILENT_US)
_REACH = timedelta(microseconds=REACH_US)


async def watch_sensors(bench: Bench, watching_since: datetime) -> int:
    """
    Mark and tell who fell silent or came back; the number of sensors that changed.

    One worker at a time does it; the others find nothing left to do.
    """
    now = bench.clock()
    async with reading(bench.engine).connect() as c:
        sensors = await heard_sensors(c, now, _RECENT)
        known = await open_system_alerts(c, (SILENT,))
    by_id = {one.sensor_id: one for one in sensors}
    states = [
        SensorState(
            one.sensor_id,
            one.status,
            None if one.heard_at is None else microseconds(one.heard_at),
            known.get(one.sensor_id, {}).get(SILENT),
        )
        for one in sensors
    ]
    since_us, now_us = microseconds(watching_since), microseconds(now)
    changes = watch(states, watching_since_us=since_us, now_us=now_us)
    done = 0
    for change in changes:
        done += await _apply(bench, by_id[change.sensor_id], change, now)
    return done


async def _apply(
    bench: Bench, sensor: HeardSensor, change: SensorChange, now: datetime
) -> bool:
    async with bench.engine.begin() as c:
        if not await try_turn(c, f"watch:{sensor.sensor_id}"):
            return False
        await take_turn(c, f"site:{sensor.site_id}")
        if not await _is_as_seen(c, sensor):
            return False
        if change.status is not None:
            await set_status(c, sensor.sensor_id, change.status)
            told = sensor_event(sensor.sensor_id, sensor.site_id, change.status)
            await emit_all(c, [told], now)
        if change.alert is not None:
            teller = Teller(sensor.sensor_id, sensor.site_id, bench.channels, now)
            await store_alerts(c, teller, [change.alert])
    return True


async def _is_as_seen(c: AsyncConnection, sensor: HeardSensor) -> bool:
    """Whether nobody changed the sensor since it was judged."""
    return await status_of(c, sensor.sensor_id) == sensor.status


async def close_incidents(bench: Bench) -> int:
    """Close incidents that are at rest; the number of them."""
    now = bench.clock()
    async with bench.engine.begin() as c:
        closed = await close_quiet_incidents(c, now - _REACH)
        events = [
            NewEvent("incident", name, {"change": "closed", "id": name})
            for name in closed
        ]
        await emit_all(c, events, now)
    return len(closed)
