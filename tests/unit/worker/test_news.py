"""What screens and channels are told."""

from __future__ import annotations

import json

import pytest
from tests.support.batches import AP, NOW

from sentinel_netlab.store.alerts import Merged
from sentinel_netlab.store.incidents import Story
from sentinel_netlab.worker.news import (
    alert_event,
    alert_notice,
    incident_event,
    sensor_event,
)

ROW = {
    "id": "a" * 32, "code": "WD101", "title": "Flood", "severity": "high",
    "confidence": 0.9, "description": "64 frames", "sensor_id": "roof",
    "site_id": "hq", "ssid": b"\x00\xff", "ssid_text": r"\x00\xff", "channel": 6,
    "count": 64, "status": "open", "closed": False, "mitre_attack": "T1499",
    "bssid": 0x020000000001, "station": None, "transmitter": None,
    "first_seen": NOW, "last_seen": NOW, "note": "of people", "assignee": "ada",
}  # fmt: skip


def test_alert_is_told_in_plain_json():
    """Addresses and times as texts; what people wrote stays here."""
    told = alert_event(Merged("raised", ROW), "b" * 32)
    facts = json.loads(json.dumps(told.payload))

    assert (told.kind, told.subject_id) == ("alert", "a" * 32)
    assert (facts["change"], facts["incident_id"]) == ("raised", "b" * 32)
    assert (facts["bssid"], facts["station"]) == (AP, None)
    assert facts["first_seen"] == "2026-03-01T12:00:00.000000Z"
    assert "note" not in facts


@pytest.mark.parametrize(
    ("what", "is_told"),
    [("raised", True), ("escalated", True), ("closed", True), ("updated", False)],
)
def test_channels_hear_what_people_must_know(what, is_told):
    """Not each frame more."""
    assert (alert_notice(Merged(what, ROW), None) is not None) is is_told


def test_topic_is_the_incident_or_the_alert_alone():
    """By it messages are held together."""
    topics = [alert_notice(Merged("raised", ROW), one).topic for one in ("b", None)]

    assert topics == ["b", "a" * 32]


@pytest.mark.parametrize(("is_new", "change"), [(True, "opened"), (False, "updated")])
def test_incident_is_told(is_new, change):
    """With what it is by now."""
    story = Story("b" * 32, "Flood", "high", "open", NOW, NOW, 2, {})
    told = incident_event(story, "hq", is_new=is_new)

    assert told.kind == "incident"
    assert (told.payload["change"], told.payload["alerts"]) == (change, 2)


def test_sensor_is_told():
    """By its new status."""
    told = sensor_event("roof", "hq", "offline")

    assert (told.kind, told.subject_id) == ("sensor", "roof")
    assert told.payload["status"] == told.payload["change"] == "offline"
