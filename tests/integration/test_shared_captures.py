"""
The shared captures: every attack is found, no innocent network is accused.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.support.run import Result, packets_of, run
from tests.support.shared import HWSIM, PUBLIC, SHARED_MARKS, manifest
from tests.support.words import detectors_of

from sentinel_netlab.core.addresses import parse_mac
from sentinel_netlab.core.alerts import Alert, Severity
from sentinel_netlab.sensor.capture.reader import CaptureError

pytestmark = SHARED_MARKS

MOST_SECONDS_TO_DETECT = 15.0
CLOCK_S = 0.05
"""Onsets of the manifest are rounded, and its first frame is not always the lowest."""

HWSIM_ENTRIES = manifest(HWSIM)
PUBLIC_ENTRIES = manifest(PUBLIC)
ATTACKS = [entry for entry in HWSIM_ENTRIES if entry["kind"] == "attack"]
FOUND = [
    pytest.param(entry, word, id=f"{entry['file']}-{word}")
    for entry in ATTACKS
    for word in entry["expected"]
    if detectors_of(word)
]
PUBLIC_FOUND = [
    pytest.param(entry, word, id=f"{entry['file']}-{word}")
    for entry in PUBLIC_ENTRIES
    for word in entry.get("truth") or ()
    if detectors_of(word)
]
INNOCENT = [
    pytest.param(folder / entry["file"], id=entry["file"])
    for folder, entries, truth in (
        (HWSIM, HWSIM_ENTRIES, "expected"),
        (PUBLIC, PUBLIC_ENTRIES, "truth"),
    )
    for entry in entries
    if entry.get(truth) == []
]


@cache
def outcome(path: Path) -> Result:
    return run(path)


@cache
def first_us(path: Path) -> int:
    return int(packets_of(path)[0].ts_us[0])


def onset_us(entry: dict[str, Any]) -> int:
    return first_us(HWSIM / entry["file"]) + round(
        (entry["first_matching_frame_s"] - CLOCK_S) * 1e6
    )


def named(entry: dict[str, Any]) -> set[int]:
    """Addresses of the attack: victim, attacker, and the stations that took part."""
    stations = entry.get("stations") or {}
    texts = [entry["victim_bssid"], entry["attacker_mac"], *stations.values()]
    found = re.findall(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", " ".join(map(str, texts)))
    return {parse_mac(text) for text in found}


def concerns(alert: Alert, entry: dict[str, Any]) -> bool:
    """Whether *alert* is about a party of the attack; a flood may name a channel."""
    who = alert.subject
    parties = {who.bssid, who.station, who.transmitter} & named(entry)
    on_channel = f"channel={entry['channel']}" in alert.key.split(",")
    return bool(parties) or on_channel


@pytest.mark.parametrize(("entry", "word"), FOUND)
def test_attack_is_found(entry: dict[str, Any], word: str) -> None:
    """A detector of the word speaks soon after the onset, about a party to it."""
    alerts = [
        alert
        for alert in outcome(HWSIM / entry["file"]).alerts
        if alert.code in detectors_of(word) and concerns(alert, entry)
    ]

    assert alerts
    raised_s = (min(a.raised_us for a in alerts) - onset_us(entry)) / 1e6
    assert 0 <= raised_s <= MOST_SECONDS_TO_DETECT


@pytest.mark.parametrize("entry", ATTACKS, ids=[e["file"] for e in ATTACKS])
def test_nothing_is_raised_before_the_onset(entry: dict[str, Any]) -> None:
    """An alert that begins before the attack is a false one."""
    early = [
        alert.summary
        for alert in outcome(HWSIM / entry["file"]).at_least(Severity.LOW)
        if alert.first_seen_us < onset_us(entry)
    ]

    assert early == []


@pytest.mark.parametrize(("entry", "word"), PUBLIC_FOUND)
def test_public_attack_is_found(entry: dict[str, Any], word: str) -> None:
    """What an analyst saw in other people's captures is found too."""
    codes = {alert.code for alert in outcome(PUBLIC / entry["file"]).alerts}

    assert codes & detectors_of(word)


@pytest.mark.parametrize("path", INNOCENT)
def test_innocent_capture_is_silent(path: Path) -> None:
    """No benign capture raises severity low or more."""
    try:
        alerts = outcome(path).at_least(Severity.LOW)
    except CaptureError:
        alerts = []

    assert [alert.summary for alert in alerts] == []


@pytest.mark.parametrize(
    "entry", HWSIM_ENTRIES, ids=[entry["file"] for entry in HWSIM_ENTRIES]
)
def test_all_frames_are_read(entry: dict[str, Any]) -> None:
    """The number of frames is the manifest's, and no detector breaks."""
    result = outcome(HWSIM / entry["file"])

    assert result.counts.frames == entry["frames"]
    assert result.broken == {}
