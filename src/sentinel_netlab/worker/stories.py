"""
Alerts into the store, with the incidents that they make, and the news of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from sentinel_netlab.core.alert_states import AlertState, fold
from sentinel_netlab.core.times import microseconds
from sentinel_netlab.core.wire import AlertChange
from sentinel_netlab.correlate.doubt import doubt
from sentinel_netlab.correlate.incidents import REACH_US, IncidentChange, correlate
from sentinel_netlab.notify.message import Channel, severity_of
from sentinel_netlab.store.alerts import Merged, merge_alerts, set_incident
from sentinel_netlab.store.events import emit_all
from sentinel_netlab.store.incidents import incidents_near, save_incidents
from sentinel_netlab.store.notices import NewNotice, post
from sentinel_netlab.worker.news import alert_event, alert_notice, incident_event
from sentinel_netlab.worker.shapes import alert_of, incident_of, story_of

_REACH = timedelta(microseconds=REACH_US)


@dataclass(frozen=True, slots=True)
class Teller:
    """
    Whose alerts, and who is told.

    Attributes:
        now: the server's time, at which they were received.
    """

    sensor_id: str
    site_id: str | None
    channels: Sequence[Channel]
    now: datetime


async def store_alerts(
    c: AsyncConnection, teller: Teller, changes: Iterable[AlertChange]
) -> list[str]:
    """
    Merge *changes*, correlate, and tell; the caller has the site's turn.

    Returns:
        Ids that were refused: they are another sensor's.
    """
    states = fold(changes)
    if not states:
        return []
    result = await merge_alerts(
        c,
        sensor_id=teller.sensor_id,
        site_id=teller.site_id,
        states=states,
        doubts=_doubts(states, teller.now),
        now=teller.now,
    )
    incidents = await _correlate(c, teller, result.merged)
    owners = {name: one.incident.id for one in incidents for name in one.joined}
    await _tell(c, teller, result.merged, owners, incidents)
    return result.refused


def _doubts(states: Iterable[AlertState], now: datetime) -> dict[str, str]:
    now_us = microseconds(now)
    found: dict[str, str] = {}
    for state in states:
        why = doubt(state.last_us, now_us) or doubt(state.first_us, now_us)
        if why is not None:
            found[state.newest.id] = why
    return found


async def _correlate(
    c: AsyncConnection, teller: Teller, merged: Sequence[Merged]
) -> list[IncidentChange]:
    alerts = [alert_of(one.row) for one in merged]
    if not alerts:
        return []
    first = min(one.row["first_seen"] for one in merged)
    last = max(one.row["last_seen"] for one in merged)
    now_us = microseconds(teller.now)
    stories = await incidents_near(
        c,
        teller.site_id,
        ids=[one.incident_id for one in alerts if one.incident_id is not None],
        between=(first, last),
        reach=_REACH,
    )
    changes = correlate(
        alerts, [incident_of(one) for one in stories], now_us, site_id=teller.site_id
    )
    await save_incidents(
        c, teller.site_id, [story_of(change.incident) for change in changes]
    )
    for change in changes:
        if change.joined:
            await set_incident(c, change.joined, change.incident.id)
    return changes


async def _tell(
    c: AsyncConnection,
    teller: Teller,
    merged: Sequence[Merged],
    owners: Mapping[str, str],
    incidents: Sequence[IncidentChange],
) -> None:
    events = []
    notices: list[NewNotice] = []
    for one in merged:
        incident_id = owners.get(one.id, one.row["incident_id"])
        events.append(alert_event(one, incident_id))
        notice = alert_notice(one, incident_id)
        if notice is not None:
            notices.append(notice)
    events += [
        incident_event(
            story_of(change.incident), teller.site_id, is_new=change.before is None
        )
        for change in incidents
    ]
    await emit_all(c, events, teller.now)
    for channel in teller.channels:
        wanted = [
            notice
            for notice in notices
            if severity_of(notice.payload) >= channel.least_severity
        ]
        await post(c, [channel.name], wanted, teller.now)
