"""
Alerts and incidents between rows and logic.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sentinel_netlab.core.addresses import format_mac, parse_mac
from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.times import microseconds, moment
from sentinel_netlab.correlate.incidents import Incident, StoredAlert, Subjects
from sentinel_netlab.store.incidents import Story


def alert_of(row: Mapping[str, Any]) -> StoredAlert:
    """A row of `alerts` as incidents need it."""
    return StoredAlert(
        id=row["id"],
        code=row["code"],
        title=row["title"],
        severity=Severity.parse(row["severity"]),
        first_us=microseconds(row["first_seen"]),
        last_us=microseconds(row["last_seen"]),
        subjects=Subjects(
            _set_of(row["bssid"]),
            _set_of(row["station"]),
            _set_of(row["transmitter"]),
            _set_of(row["ssid"]),
        ),
        incident_id=row["incident_id"],
    )


def _set_of(value: Any) -> frozenset[Any]:
    return frozenset() if value is None else frozenset((value,))


def incident_of(story: Story) -> Incident:
    """A row of `incidents` as correlation needs it."""
    kept = story.subjects
    bssids, stations, transmitters = (
        frozenset(parse_mac(text) for text in kept.get(name, ()))
        for name in ("bssids", "stations", "transmitters")
    )
    ssids = frozenset(bytes.fromhex(text) for text in kept.get("ssids", ()))
    return Incident(
        id=story.id,
        title=story.title,
        severity=Severity.parse(story.severity),
        first_us=microseconds(story.first_seen),
        last_us=microseconds(story.last_seen),
        alerts=story.alerts,
        subjects=Subjects(bssids, stations, transmitters, ssids),
        status=story.status,
    )


def story_of(incident: Incident) -> Story:
    """*incident* as it is stored."""
    subjects = incident.subjects
    return Story(
        id=incident.id,
        title=incident.title,
        severity=incident.severity.word,
        status=incident.status,
        first_seen=moment(incident.first_us),
        last_seen=moment(incident.last_us),
        alerts=incident.alerts,
        subjects={
            "bssids": [format_mac(one) for one in sorted(subjects.bssids)],
            "stations": [format_mac(one) for one in sorted(subjects.stations)],
            "transmitters": [format_mac(one) for one in sorted(subjects.transmitters)],
            "ssids": [one.hex() for one in sorted(subjects.ssids)],
        },
    )
