"""Networks with Wi-Fi Protected Setup are told."""

from __future__ import annotations

import pytest
from tests.support.air import (
    AP,
    ESS,
    WPA2_PSK,
    WPS,
    Air,
    beacon,
    element,
    probe_response,
)
from tests.support.run import run

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.policy import policy_from
from sentinel_netlab.detect.rules.wps_enabled import WpsEnabled

LOCKED = element(221, bytes.fromhex("0050f204 104a000110 1044000102 1057000101"))
"""WPS element that says that the setup is locked."""
VERSION_2 = element(221, bytes.fromhex("0050f204 104a000110 10490006 00372a000120"))
"""WPS element with the version 2 attribute of the Wi-Fi Alliance."""


def told(*advertised: bytes, policy: dict | None = None) -> list:
    air = Air()
    for one in advertised:
        air.send(one, after_us=102_400)
    return run(air.frames(), [WpsEnabled(policy=policy_from(policy or {}))]).alerts


def test_network_with_wps_is_told():
    """Code, key, evidence and sentence."""
    [alert] = told(*[beacon(tail=WPA2_PSK + WPS)] * 5)

    assert (alert.code, alert.slug, alert.count) == ("WD604", "wps_enabled", 1)
    assert alert.key == "bssid=02:00:00:00:00:01,ssid=net"
    assert alert.evidence["security"] == "WPA2-PSK-CCMP"
    assert not alert.evidence["setup_locked"]
    assert alert.severity is Severity.INFO
    assert "has WPS enabled: its PIN" in alert.summary


def test_locked_setup_is_told_as_such():
    """The access point locks its setup after guesses."""
    [alert] = told(beacon(tail=WPA2_PSK + LOCKED))

    assert alert.evidence["setup_locked"] is True
    assert "locked at present" in alert.summary


def test_version_2_is_told():
    """The version stands in the vendor extension."""
    [alert] = told(beacon(tail=WPA2_PSK + VERSION_2))

    assert alert.evidence["version2"] == 0x20


def test_probe_response_alone_is_enough():
    """Some access points advertise WPS there only, with the same security."""
    [alert] = told(beacon(), probe_response(tail=WPA2_PSK + WPS))

    assert alert.frames == (2,)


def test_two_networks_are_two_alerts():
    """Each access point is one network."""
    alerts = told(*(beacon(AP + n, tail=WPA2_PSK + WPS) for n in (0, 1)))

    assert [alert.subject.bssid for alert in alerts] == [AP, AP + 1]


@pytest.mark.parametrize(
    ("tail", "capability"),
    [
        (WPA2_PSK, ESS | 0x10),
        (b"", ESS),
        (WPA2_PSK + element(221, bytes.fromhex("0050f202010100")), ESS | 0x10),
    ],
    ids=["wpa2", "open", "another type of the vendor"],
)
def test_other_networks_are_not_told(tail, capability):
    """Only the WPS element counts."""
    assert told(*[beacon(tail=tail, capability=capability)] * 5) == []


def test_own_network_is_low():
    """The policy makes it a finding of the site."""
    policy = {"network": [{"ssid": "net"}]}
    [alert] = told(beacon(tail=WPA2_PSK + WPS), policy=policy)

    assert alert.severity is Severity.LOW
