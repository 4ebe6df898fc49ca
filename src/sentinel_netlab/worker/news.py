"""
What screens and channels are told of alerts, incidents and sensors.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.times import format_time, microseconds
from sentinel_netlab.store.alerts import Merged
from sentinel_netlab.store.events import NewEvent
from sentinel_netlab.store.incidents import Story
from sentinel_netlab.store.notices import NewNotice

TOLD = ("raised", "escalated", "closed")
"""Growth of a count is for screens, not for people's pockets."""
_ADDRESSES = ("bssid", "station", "transmitter")
_TIMES = ("first_seen", "last_seen")
_PLAIN = (
    "id", "code", "title", "severity", "confidence", "description", "sensor_id",
    "site_id", "ssid_text", "channel", "count", "status", "closed", "mitre_attack",
)  # fmt: skip


def alert_facts(row: Mapping[str, Any], incident_id: str | None) -> dict[str, Any]:
    """What is told of an alert: plain JSON."""
    facts = {name: row[name] for name in _PLAIN}
    for name in _ADDRESSES:
        address = row[name]
        facts[name] = None if address is None else format_mac(address)
    for name in _TIMES:
        facts[name] = _time(row[name])
    return {**facts, "incident_id": incident_id}


def alert_event(merged: Merged, incident_id: str | None) -> NewEvent:
    """For screens."""
    facts = alert_facts(merged.row, incident_id)
    return NewEvent("alert", merged.id, {"change": merged.what, **facts})


def alert_notice(merged: Merged, incident_id: str | None) -> NewNotice | None:
    """For channels; None: they need not know."""
    if merged.what not in TOLD:
        return None
    facts = alert_facts(merged.row, incident_id)
    return NewNotice(incident_id or merged.id, {"what": merged.what, "alert": facts})


def incident_event(story: Story, site_id: str | None, *, is_new: bool) -> NewEvent:
    """For screens."""
    facts = {
        "change": "opened" if is_new else "updated",
        "id": story.id,
        "site_id": site_id,
        "title": story.title,
        "severity": story.severity,
        "status": story.status,
        "alerts": story.alerts,
        "first_seen": _time(story.first_seen),
        "last_seen": _time(story.last_seen),
    }
    return NewEvent("incident", story.id, facts)


def sensor_event(sensor_id: str, site_id: str | None, status: str) -> NewEvent:
    """For screens."""
    facts = {"change": status, "id": sensor_id, "site_id": site_id, "status": status}
    return NewEvent("sensor", sensor_id, facts)


def _time(time: datetime) -> str:
    return format_time(microseconds(time))
