"""Networks that still allow WPA or TKIP are told."""

from __future__ import annotations

import pytest
from tests.support.air import (
    AP,
    ESS,
    PRIVACY,
    WPA1_TKIP,
    WPA2_PSK,
    WPA3_SAE,
    Air,
    beacon,
)
from tests.support.run import run

from sentinel_netlab.core.alerts import Severity
from sentinel_netlab.core.policy import policy_from
from sentinel_netlab.detect.rules.wpa_tkip import WpaTkip

WPA2_BOTH = bytes.fromhex("30180100000fac020200000fac04000fac020100000fac020000")
"""RSN element: group TKIP, pairwise CCMP and TKIP, PSK."""
WPA1_CCMP = WPA1_TKIP.replace(bytes.fromhex("0050f202"), bytes.fromhex("0050f204"), 2)
"""WPA element with CCMP instead of TKIP."""


def told(*beacons: bytes, policy: dict | None = None) -> list:
    air = Air()
    for one in beacons:
        air.send(one, after_us=102_400)
    return run(air.frames(), [WpaTkip(policy=policy_from(policy or {}))]).alerts


@pytest.mark.parametrize(
    ("tail", "label"),
    [
        (WPA1_TKIP, "WPA-PSK-TKIP"),
        (WPA1_CCMP, "WPA-PSK-CCMP"),
        (WPA2_PSK + WPA1_TKIP, "WPA/WPA2-PSK-TKIP+CCMP"),
        (WPA2_BOTH, "WPA2-PSK-TKIP+CCMP"),
    ],
)
def test_wpa_or_tkip_as_one_way_in_is_told(tail, label):
    """Code, key and evidence, whatever better is offered beside it."""
    [alert] = told(*[beacon(tail=tail)] * 5)

    assert (alert.code, alert.slug, alert.count) == ("WD603", "wpa_tkip", 1)
    assert alert.key == "bssid=02:00:00:00:00:01,ssid=net"
    assert alert.evidence == {"security": label}
    assert alert.severity is Severity.INFO


def test_sentence_names_the_network():
    """Name and BSSID."""
    [alert] = told(beacon(tail=WPA1_TKIP))

    assert "'net' (02:00:00:00:00:01) still allows WPA or TKIP" in alert.summary


def test_two_networks_are_two_alerts():
    """Each access point is one network."""
    alerts = told(beacon(AP, tail=WPA1_TKIP), beacon(AP + 1, tail=WPA2_BOTH))

    assert [alert.subject.bssid for alert in alerts] == [AP, AP + 1]


@pytest.mark.parametrize(
    ("tail", "capability"),
    [
        (b"", ESS),
        (b"", ESS | PRIVACY),
        (WPA2_PSK, ESS | PRIVACY),
        (WPA3_SAE, ESS | PRIVACY),
    ],
    ids=["open", "wep", "wpa2", "wpa3"],
)
def test_other_networks_are_not_told(tail, capability):
    """What is weaker has rules of its own; CCMP is in order."""
    assert told(*[beacon(tail=tail, capability=capability)] * 5) == []


def test_own_network_is_low():
    """The policy makes it a finding of the site."""
    [alert] = told(beacon(tail=WPA1_TKIP), policy={"network": [{"ssid": "net"}]})

    assert alert.severity is Severity.LOW
