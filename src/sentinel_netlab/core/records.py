"""
Alerts and networks as plain records: the stable shape that programs read.
"""

from __future__ import annotations

from typing import Any

from sentinel_netlab.core.addresses import format_mac
from sentinel_netlab.core.alerts import Alert
from sentinel_netlab.core.inventory import Network, Station
from sentinel_netlab.core.ssid import display_ssid
from sentinel_netlab.core.times import format_time

SCHEMA = 1
"""Version of the records; a field is only ever added, never changed or removed."""

SHOWN_FRAMES = 16
"""Frame numbers in a record."""


def alert_record(alert: Alert, capture: str) -> dict[str, Any]:
    """*alert* found in *capture* as a JSON-able object; null where not applicable."""
    subject = alert.subject
    return {
        "schema": SCHEMA,
        "id": alert.id,
        "code": alert.code,
        "slug": alert.slug,
        "title": alert.title,
        "severity": alert.severity.word,
        "confidence": alert.confidence,
        "first_seen": format_time(alert.first_seen_us),
        "raised_at": format_time(alert.raised_us),
        "last_seen": format_time(alert.last_seen_us),
        "count": alert.count,
        "bssid": _mac(subject.bssid),
        "ssid": None if subject.ssid is None else display_ssid(subject.ssid),
        "station": _mac(subject.station),
        "transmitter": _mac(subject.transmitter),
        "channel": subject.channel,
        "frequency_mhz": subject.frequency_mhz,
        "key": alert.key,
        "evidence": dict(alert.evidence),
        "attack": alert.attack,
        "capture": capture,
        "frames": list(alert.frames[:SHOWN_FRAMES]),
        "summary": alert.summary,
    }


def network_record(network: Network, capture: str) -> dict[str, Any]:
    """*network* seen in *capture* as a JSON-able object."""
    return {
        "schema": SCHEMA,
        "bssid": _mac(network.bssid),
        "ssid": display_ssid(network.ssid),
        "hidden": not network.ssid,
        "security": network.security,
        "adhoc": network.adhoc,
        "channel": network.channel or None,
        "frequency_mhz": network.frequency_mhz or None,
        "signal_dbm": network.signal_dbm,
        "beacons": network.beacons,
        "probe_responses": network.probe_responses,
        "first_seen": format_time(network.first_us),
        "last_seen": format_time(network.last_us),
        "fingerprint": network.fingerprint,
        "stations": [_station_record(station) for station in network.stations],
        "capture": capture,
    }


def _station_record(station: Station) -> dict[str, Any]:
    return {
        "station": _mac(station.address),
        "frames": station.frames,
        "signal_dbm": station.signal_dbm,
        "first_seen": format_time(station.first_us),
        "last_seen": format_time(station.last_us),
    }


def _mac(address: int | None) -> str | None:
    return None if address is None else format_mac(address)
